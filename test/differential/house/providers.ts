import type { Action } from "../../model/action.ts";
import { found } from "../../model/call.ts";
import { ONE } from "../../model/rational.ts";
import { CALLERS, type MarketId } from "../../model/state.ts";
import { IDS, type Seen } from "./choices.ts";
import type { Random } from "./random.ts";

const HIGHEST_LIMIT = 2n ** 128n - 1n;

/** What liquidity providers do: requests, and their processing once they have waited long enough. */
export function provide(random: Random, { state, terms, now }: Seen, seconds: bigint): Action {
  const market = random.pick(IDS);
  const shares = found(state.shares.get(market), "shares");
  const delay = found(terms.poolDelays.get(market), "delay");
  const [deposit] = [...shares.deposits.keys()];
  const redemption = shares.redemptions.get(shares.firstRedemption);
  const requestedAt =
    deposit === undefined ? now : (shares.deposits.get(deposit)?.requestedAt ?? now);
  /** Mostly long enough. */
  const until = (asked: bigint): bigint => {
    const left = asked + delay - now;
    return left > 0n && random.below(4) !== 0 ? left : seconds;
  };
  return random.weighted<() => Action>([
    [deposit === undefined ? 4 : 1, () => requestDeposit(random, market, seconds)],
    [
      deposit === undefined ? 0.3 : 4,
      () => ({ seconds: until(requestedAt), kind: "processDeposit", market, id: deposit ?? 99n }),
    ],
    [shares.supply === 0n ? 0.2 : 3, () => requestRedemption(random, { state }, market, seconds)],
    [
      redemption === undefined ? 0.3 : 4,
      () => ({
        seconds: until(redemption?.requestedAt ?? now),
        kind: "processRedemptions",
        market,
        most: BigInt(1 + random.below(4)),
      }),
    ],
    [
      0.4,
      () => ({
        seconds,
        kind: "cancelDeposit",
        market,
        id: deposit ?? 1n,
        caller: random.pick(CALLERS),
      }),
    ],
    [
      shares.claimable.size === 0 ? 0.1 : 1,
      () => ({ seconds, kind: "claimPayout", market, owner: random.pick(CALLERS) }),
    ],
  ])();
}

function requestDeposit(random: Random, market: MarketId, seconds: bigint): Action {
  const amount = BigInt(random.below(10) === 0 ? random.below(3) : random.below(400_000_000_000));
  const limitPrice = random.below(5) === 0 ? ONE : HIGHEST_LIMIT;
  return {
    seconds,
    kind: "requestDeposit",
    market,
    amount,
    limitPrice,
    caller: random.pick(CALLERS),
  };
}

function requestRedemption(
  random: Random,
  { state }: Pick<Seen, "state">,
  market: MarketId,
  seconds: bigint,
): Action {
  const { balances } = found(state.shares.get(market), "shares");
  const holders = CALLERS.filter((each) => (balances.get(each) ?? 0n) !== 0n);
  const caller = random.pick(holders.length > 0 ? holders : CALLERS);
  const held = balances.get(caller) ?? 0n;
  const part = (held * BigInt(1 + random.below(102))) / 100n;
  return {
    seconds,
    kind: "requestRedemption",
    market,
    shares: random.below(20) === 0 ? 1n : part,
    limitPrice: random.below(5) === 0 ? ONE : 0n,
    caller,
  };
}
