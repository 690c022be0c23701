import { ACTORS, type Action } from "../../model/action.ts";
import { ONE, size } from "../../model/rational.ts";
import type { AccountName, SignedOrder } from "../../model/state.ts";
import { offer, positionIn, priceOf, type Seen } from "./choices.ts";
import type { Random } from "./random.ts";
import { item } from "./rescues.ts";
import { callerOf } from "./takers.ts";
import { trade } from "./traders.ts";

/** Few, so that what is cancelled is used again. */
const NONCES = 300;

/** What traders sign, and others fill. */
export function sign(
  random: Random,
  seen: Seen,
  ill: readonly AccountName[],
  seconds: bigint,
): Action {
  const account = random.pick(ACTORS);
  return random.weighted<() => Action>([
    [5, () => fill(random, seen, seconds)],
    [3, () => pair(random, seen, seconds)],
    [3, () => liquidation(random, seen, ill, seconds)],
    [
      0.6,
      () => {
        const mask = (1n << BigInt(random.below(200))) - 1n;
        const word = BigInt(random.below(2));
        return { seconds, kind: "cancelNonces", account, word, mask, caller: callerOf(random) };
      },
    ],
    [
      0.4,
      () => {
        const nonce = BigInt(random.below(NONCES / 2));
        return { seconds, kind: "raiseMinNonce", account, nonce, caller: callerOf(random) };
      },
    ],
  ])();
}

function order(random: Random, seen: Seen): SignedOrder {
  const known = [...seen.state.signed.filled.values()];
  if (known.length > 0 && random.below(3) === 0) return random.pick(known).order;
  const like = trade(random, seen, 0n);
  if (like.kind !== "trade") throw new RangeError("A trade is something else");
  const { account, market, sizeDelta, reduceOnly } = like;
  const permille = BigInt(995 + random.below(11));
  const near = (priceOf(seen.state, market) * permille) / 1_000n;
  return {
    account,
    market,
    size: sizeDelta === 0n ? ONE : sizeDelta,
    limitPrice: random.below(4) === 0 ? offer(random, seen.state, market) : near,
    expiry: random.below(20) === 0 ? seen.now - 1n : seen.now + BigInt(random.below(20_000)),
    nonce: BigInt(random.below(NONCES)),
    counterparty: random.below(6) === 0 ? random.pick(ACTORS) : null,
    signer: random.below(20) === 0 ? "anybody" : "key",
    reduceOnly,
    makerOnly: random.below(5) === 0,
    isSigned: random.below(20) !== 0,
  };
}

/** Mostly all that is left of it, or a part in lots. */
function amountOf(
  random: Random,
  { state, terms }: Seen,
  { size: all, market }: SignedOrder,
): bigint {
  const lot = terms.markets.get(market)?.market.lotSize ?? ONE;
  const part = ((size(all) * BigInt(1 + random.below(100))) / 100n / lot) * lot;
  const known = [...state.signed.filled.values()].find(({ order: each }) => each.size === all);
  return random.weighted([
    [4, size(all) - (known?.amount ?? 0n)],
    [4, part],
    [0.3, size(all) + lot],
  ]);
}

function fill(random: Random, seen: Seen, seconds: bigint): Action {
  const made = order(random, seen);
  const others = ACTORS.filter((name) => name !== made.account);
  const taker = made.counterparty ?? random.pick(others);
  const amount = amountOf(random, seen, made);
  return {
    seconds,
    kind: "fillSigned",
    order: made,
    taker: random.below(12) === 0 ? random.pick(ACTORS) : taker,
    amount,
    caller: callerOf(random),
  };
}

/** Two orders that mostly cross. */
function pair(random: Random, seen: Seen, seconds: bigint): Action {
  const maker = order(random, seen);
  const like = order(random, seen);
  const others = ACTORS.filter((name) => name !== maker.account);
  const isOdd = random.below(10) === 0;
  const distance = priceOf(seen.state, maker.market) / 50n;
  const far = random.below(8) === 0 ? -distance : distance;
  const taker: SignedOrder = {
    ...like,
    account: isOdd ? like.account : random.pick(others),
    market: isOdd ? like.market : maker.market,
    size: isOdd ? like.size : -maker.size,
    limitPrice: maker.size > 0n ? maker.limitPrice - far : maker.limitPrice + far,
    makerOnly: random.below(12) === 0,
    counterparty: null,
  };
  const amount = amountOf(random, seen, maker);
  return { seconds, kind: "fillSignedPair", maker, taker, amount };
}

function liquidation(
  random: Random,
  seen: Seen,
  ill: readonly AccountName[],
  seconds: bigint,
): Action {
  const { account, market } = item(random, seen, ill);
  const held = positionIn(seen.state, account, market)?.size ?? 0n;
  const made = order(random, seen);
  const fitting: SignedOrder = {
    ...made,
    market,
    size: held === 0n ? made.size : held,
    limitPrice: offer(random, seen.state, market),
    reduceOnly: random.below(8) === 0,
    counterparty: null,
  };
  return { seconds, kind: "liquidateSigned", account, order: fitting };
}
