import { ACTORS, type Action } from "../../model/action.ts";
import { lineOf } from "../../model/creditLine.ts";
import { exact, positive, Rational } from "../../model/rational.ts";
import type { AccountName, MarketId } from "../../model/state.ts";
import { FUND } from "../../model/terms.ts";
import { callAt, marginOf } from "../../model/views.ts";
import {
  assetsIn,
  auction,
  borrow,
  calledIn,
  collateralPrice,
  pledge,
  publishCollateral,
} from "./borrowers.ts";
import { dollars, feedPrice, IDS, marketsOf, positionIn, type Seen, sizeFor } from "./choices.ts";
import { fillOf } from "./fill.ts";
import { nextAction } from "./generate.ts";
import type { Random } from "./random.ts";
import { item, patientsOf, resolve } from "./rescues.ts";
import { pressureOn, publish, withdraw } from "./traders.ts";

/** They have little cash, and collateral. */
const BORROWERS: readonly AccountName[] = ACTORS.slice(0, 5);

/** The next action of a history in which positions are carried by credit. */
export function creditAction(random: Random, seen: Seen): Action {
  const { state, now } = seen;
  const call = callAt(state, now);
  if (state.credit.supply === 0n) return borrow(random, seen, 1n);
  const name = random.pick(BORROWERS);
  if (state.accounts.get(name)?.hasCredit !== true) {
    return pledge(random, seen, name, 1n, 120_000);
  }
  const short = IDS.some((id) => state.markets.get(id)?.coverage === "Short");
  if (short && random.below(3) === 0) {
    return { seconds: 1n, kind: "deposit", account: FUND, usd: dollars(random, 9_000) };
  }
  const { distressed, bankrupt } = patientsOf(seen);
  const called = calledIn(seen);
  const isCalled = called.length > 0;
  const line = lineOf(call, name, "Initial");
  const cash = state.accounts.get(name)?.cash ?? 0n;
  const isIn = (id: MarketId) => (positionIn(state, name, id)?.size ?? 0n) !== 0n;
  const market = random.pick(isIn(0n) ? marketsOf(state, name) : [0n, 2n]);
  return random.weighted<() => Action>([
    [4, () => borrow(random, seen, BigInt(random.below(40)))],
    [isCalled ? 5 : 0, () => auction(random, seen, 1n)],
    [isCalled ? 1 : 0, () => ({ seconds: 1n, kind: "writeOff", account: random.pick(called) })],
    [isIn(market) || cash + line === 0n ? 0.5 : 4, () => carried(random, seen, name, market)],
    [3, () => strain(random, seen, name, market)],
    [1, () => publishCollateral(random, seen, 5n)],
    [1, () => crash(random, seen)],
    [
      bankrupt.length > 0 ? 5 : 0.1,
      () => resolve(random, bankrupt.length > 0 ? bankrupt : ACTORS, 1n),
    ],
    [
      distressed.length > 0 ? 2 : 0.1,
      () => ({
        seconds: 15n,
        kind: "liquidate",
        ...item(random, seen, distressed.length > 0 ? distressed : ACTORS),
      }),
    ],
    [
      1,
      () => ({
        seconds: 5n,
        kind: "settle",
        accounts: [name],
        caller: random.pick(["owner", "anybody"] as const),
      }),
    ],
    [1, () => withdraw(random, state, 1n)],
    [1, () => publish(random, state, 20n)],
    [3, () => nextAction(random, seen)],
  ])();
}

/** An opening that cash alone would not carry. */
function carried(
  random: Random,
  { state, terms, now }: Seen,
  account: AccountName,
  market: MarketId,
): Action {
  const cash = positive(state.accounts.get(account)?.cash ?? 0n);
  const line = lineOf(callAt(state, now), account, "Initial");
  const leverage = new Rational(BigInt(5 + random.below(100)), 10n);
  const size = sizeFor(state, terms, market, exact(cash + line).times(leverage));
  return fillOf(random, account, market, size);
}

/** Collateral loses a third or more. */
function crash(random: Random, seen: Seen): Action {
  const asset = random.pick(assetsIn(seen));
  const percent = BigInt(42 + random.below(25));
  const price = feedPrice((collateralPrice(seen, asset) * percent) / 100n);
  return { seconds: 5n, kind: "publishCollateral", asset, price };
}

/** A price that brings a borrower near to, or past, what it has. */
function strain(random: Random, seen: Seen, account: AccountName, market: MarketId): Action {
  const judged = marginOf(callAt(seen.state, seen.now), account, "Maintenance");
  if (judged === undefined || judged.required === 0n) return publish(random, seen.state, 5n);
  const health = new Rational(BigInt(random.below(260) - 160), 100n);
  return pressureOn(random, seen, { account, market, health });
}
