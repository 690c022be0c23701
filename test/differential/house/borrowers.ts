import { ACTORS, type Action } from "../../model/action.ts";
import { found } from "../../model/call.ts";
import { amountOf, assetsOf, valueOfCollateral } from "../../model/collateral.ts";
import { lineOf } from "../../model/creditLine.ts";
import { debtOf } from "../../model/debts.ts";
import { ONE } from "../../model/rational.ts";
import { type AccountName, type Asset, CALLERS, type HouseState } from "../../model/state.ts";
import { callAt } from "../../model/views.ts";
import { dollars, feedPrice, LARGEST, type Seen } from "./choices.ts";
import type { Random } from "./random.ts";
import { callerOf } from "./takers.ts";

/** USD */
const MOST_PLEDGED = 60_000;

export function assetsIn({ terms }: Pick<Seen, "terms">): readonly Asset[] {
  return [...terms.credit.assets.keys()];
}

export function collateralPrice({ state, terms }: Seen, asset: Asset): bigint {
  const { priceMarket } = found(terms.credit.assets.get(asset), asset);
  return state.prices.get(priceMarket)?.feed.price ?? ONE;
}

/** Those with collateral or debt. */
export function borrowersIn({ accounts }: HouseState): readonly AccountName[] {
  return ACTORS.filter((name) => accounts.get(name)?.hasCredit === true);
}

/** Those who owe more than is lent against what they have. */
export function calledIn({ state, now }: Seen): readonly AccountName[] {
  const call = callAt(state, now);
  return borrowersIn(state).filter(
    (name) => debtOf(call, name) > valueOfCollateral(call, name, "Maintenance"),
  );
}

/** Worth up to so many dollars, in units of the token. */
export function pledge(
  random: Random,
  seen: Seen,
  account: AccountName,
  seconds: bigint,
  most = MOST_PLEDGED,
): Action {
  const asset = random.pick(assetsIn(seen));
  const { decimals } = found(seen.terms.credit.assets.get(asset), asset);
  const worth = dollars(random, most);
  const amount = (worth * 10n ** decimals) / collateralPrice(seen, asset);
  return {
    seconds,
    kind: "depositCollateral",
    account,
    asset,
    amount: random.below(30) === 0 ? 0n : amount,
    caller: callerOf(random),
  };
}

function takeBack(random: Random, seen: Seen, account: AccountName, seconds: bigint): Action {
  const call = callAt(seen.state, seen.now);
  const own = assetsOf(call, account);
  const asset = random.pick(own.length > 0 ? own : assetsIn(seen));
  const held = amountOf(call, account, asset);
  return {
    seconds,
    kind: "withdrawCollateral",
    account,
    asset,
    amount: random.below(3) === 0 ? held : (held * BigInt(1 + random.below(104))) / 100n,
    caller: callerOf(random),
  };
}

function draw(random: Random, seen: Seen, account: AccountName, seconds: bigint): Action {
  const line = lineOf(callAt(seen.state, seen.now), account, "Initial");
  const usd = (line * BigInt(1 + random.below(130))) / 100n;
  return { seconds, kind: "drawCredit", account, usd, caller: callerOf(random) };
}

function payBack(random: Random, seen: Seen, account: AccountName, seconds: bigint): Action {
  const debt = debtOf(callAt(seen.state, seen.now), account);
  const usd = (debt * BigInt(1 + random.below(110))) / 100n;
  const caller = random.pick(CALLERS);
  return random.below(2) === 0
    ? { seconds, kind: "repayCredit", account, usd: random.below(3) === 0 ? LARGEST : usd, caller }
    : { seconds, kind: "repayDebt", account, amount: usd / 10n ** 12n, caller };
}

function staleIn({ state, terms, now }: Seen): readonly Asset[] {
  return [...terms.credit.assets].flatMap(([asset, { priceMarket, feed }]) => {
    const publishedAt = state.prices.get(priceMarket)?.feed.publishedAt ?? now;
    return now > publishedAt + feed.maxAge ? [asset] : [];
  });
}

/** Whether nobody has said for too long what some collateral is worth. */
function isStale(seen: Seen): boolean {
  return borrowersIn(seen.state).length > 0 && staleIn(seen).length > 0;
}

function renewCollateral(random: Random, seen: Seen): Action {
  const asset = random.pick(staleIn(seen));
  const percent = BigInt(70 + random.below(45));
  const price = feedPrice((collateralPrice(seen, asset) * percent) / 100n);
  return { seconds: 1n, kind: "publishCollateral", asset, price };
}

/** Up or down by some percent; mostly not so far that it is not believed. */
export function publishCollateral(random: Random, seen: Seen, seconds: bigint): Action {
  const asset = random.pick(assetsIn(seen));
  const spread = random.weighted([
    [10, 4],
    [6, 15],
    [2, 40],
    [0.4, 75],
  ]);
  const percent = BigInt(100 - spread + random.below(2 * spread + 1));
  const price = feedPrice((collateralPrice(seen, asset) * percent) / 100n);
  return { seconds, kind: "publishCollateral", asset, price };
}

function lending(random: Random, { state }: Seen, seconds: bigint): Action {
  const caller = random.pick(CALLERS);
  const held = state.credit.balances.get(caller) ?? 0n;
  if (held === 0n || random.below(3) !== 0) {
    const amount = BigInt(
      random.below(12) === 0 ? random.below(2) : 1_000_000 * random.below(150_000),
    );
    return { seconds, kind: "lend", amount: amount + BigInt(random.below(1_000)), caller };
  }
  const shares = (held * BigInt(1 + random.below(112))) / 100n;
  return { seconds, kind: "redeemLent", shares, caller };
}

/** One whose collateral is for sale, mostly. */
export function auction(random: Random, seen: Seen, seconds: bigint): Action {
  const called = calledIn(seen);
  const borrowers = borrowersIn(seen.state);
  const some = random.below(10) !== 0 && called.length > 0 ? called : borrowers;
  const account = random.pick(some.length > 0 ? some : ACTORS);
  const call = callAt(seen.state, seen.now);
  const own = assetsOf(call, account);
  const asset = random.pick(own.length > 0 ? own : assetsIn(seen));
  const clock = seen.state.credit.clocks.get(`${account} ${asset}`);
  const { auctionSeconds } = found(seen.terms.credit.assets.get(asset), asset);
  const isOver = clock === undefined || seen.now > clock.startedAt + 3n * auctionSeconds;
  if (isOver || random.below(6) === 0) {
    return { seconds, kind: "startAuction", account, asset };
  }
  const held = amountOf(call, account, asset);
  const price = collateralPrice(seen, asset);
  return {
    seconds: BigInt(random.below(random.below(6) === 0 ? 320 : 100)),
    kind: "takeCollateral",
    account,
    asset,
    most: random.below(3) === 0 ? (held * BigInt(random.below(100))) / 100n : LARGEST,
    limitPrice: random.below(4) === 0 ? (price * BigInt(90 + random.below(12))) / 100n : LARGEST,
    deadline: random.below(30) === 0 ? 1n : LARGEST,
    caller: random.pick(CALLERS),
  };
}

/** What lenders, borrowers and those who buy collateral do. */
export function borrow(random: Random, seen: Seen, seconds: bigint): Action {
  const { state } = seen;
  const borrowers = borrowersIn(state);
  const called = calledIn(seen);
  const one = random.pick(borrowers.length > 0 ? borrowers : ACTORS);
  const isEmpty = state.credit.supply === 0n;
  return random.weighted<() => Action>([
    [isEmpty ? 6 : 1, () => lending(random, seen, seconds)],
    [borrowers.length < 3 ? 4 : 1, () => pledge(random, seen, random.pick(ACTORS), seconds)],
    [borrowers.length > 0 ? 1.5 : 0.1, () => takeBack(random, seen, one, seconds)],
    [borrowers.length > 0 ? 1.5 : 0.1, () => draw(random, seen, one, seconds)],
    [borrowers.length > 0 ? 1 : 0.1, () => payBack(random, seen, one, seconds)],
    [borrowers.length > 0 ? 2.5 : 0.3, () => publishCollateral(random, seen, seconds)],
    [isStale(seen) ? 4 : 0, () => renewCollateral(random, seen)],
    [called.length > 0 ? 7 : 0.2, () => auction(random, seen, seconds)],
    [
      called.length > 0 ? 2 : 0.1,
      () => ({
        seconds,
        kind: "writeOff",
        account: random.pick(called.length > 0 ? called : ACTORS),
      }),
    ],
    [0.2, () => ({ seconds, kind: "accrue" })],
    [0.1, () => ({ seconds, kind: "deposit", account: "lenders", usd: dollars(random, 500) })],
  ])();
}
