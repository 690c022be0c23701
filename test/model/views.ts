import { type Book, openBook } from "./book.ts";
import { accountOf, type Call, found, heldOf, marketOf, positionOf, Refusal } from "./call.ts";
import { draftOf } from "./draft.ts";
import { edgeOf } from "./fills.ts";
import { freeCashOf } from "./freeCash.ts";
import { claimBefore } from "./liquidate.ts";
import { foreseen, graceOf } from "./marketEvents.ts";
import { peek } from "./oracle.ts";
import { lastEventOf, pendingEvents } from "./positions.ts";
import { down, Rational } from "./rational.ts";
import { assess, type Judgement, type Kind } from "./risk.ts";
import { acts, planCodes, planSlice } from "./slicing.ts";
import type { AccountName, HouseState, MarketEvent, MarketId } from "./state.ts";
import { ENDED_PAUSE } from "./terms.ts";
import { dueOf } from "./windDown.ts";
import { holdingOf, open, tryOpen, type Work } from "./work.ts";

/** Answers of the house's views, by the names of their fields. */
export type Answer = Readonly<Record<string, bigint>>;

export function callAt(state: HouseState, now: bigint): Call {
  return { state, terms: state.terms, now, logs: [], priced: new Map() };
}

/** See IClearingHouse.accountOf. */
export function accountState(call: Call, name: AccountName): Answer {
  const account = accountOf(call, name);
  return {
    cashUsd: account.cash,
    depositUsd: account.deposit,
    heldUsd: heldOf(account),
    markets: [...account.markets].reduce((set, id) => set | (1n << id), 0n),
    version: account.version,
    slicedAt: account.slicedAt,
    sliceUsedRatio: down(new Rational(account.sliceUsed, 255n)),
    graceUsd: graceOf(call, name),
  };
}

/** See IClearingHouse.positionOf; an empty position has seen what it likes. */
export function positionState(call: Call, name: AccountName, id: MarketId): Answer {
  const { size, quote, seen } = positionOf(call, name, id);
  const after = foreseen(call, name, id, pendingEvents(call, name, id));
  return {
    size: after.size,
    quote: after.quote,
    storedSize: size,
    storedQuote: quote,
    eventsSeen: seen,
  };
}

const MODES = { Open: 1n, ReduceOnly: 2n, Halted: 3n, WoundDown: 4n };

/** See IClearingHouse.marketOf. */
export function marketState(call: Call, id: MarketId): Answer {
  const book: Book = openBook(call, id, peek(call, id));
  const { market } = book;
  return {
    mode: MODES[market.mode],
    longOpenInterest: market.longs.openInterest,
    shortOpenInterest: market.shorts.openInterest,
    longQuote: market.longs.quote,
    shortQuote: market.shorts.quote,
    reserveUsd: market.reserve,
    uncollectedLossUsd: market.uncollectedLoss,
    surplusUsd: market.surplus,
    pendingLossUsd: market.pendingLoss,
    fundingIndex: book.fundingIndex,
    fundingRate: book.fundingRate,
    averageSkewRatio: book.averageSkew,
    lastPrice: market.lastPrice,
    updatedAt: market.updatedAt,
    events: lastEventOf(market),
    bucketUsedUsd: market.bucketUsed,
    bucketAt: market.bucketAt,
  };
}

/** See IClearingHouse.windDownOf. */
export function endState(call: Call, id: MarketId): Answer {
  const { announced, outageAt, ended } = marketOf(call, id);
  const due = ended === null ? dueOf(call, id) : { price: ended.price, allowedAt: 0n };
  return {
    price: due.price,
    allowedAt: due.allowedAt,
    announcedPrice: announced?.price ?? 0n,
    noticeEndsAt: announced?.noticeEndsAt ?? 0n,
    outageAt,
    endedAt: ended?.at ?? 0n,
    paysFrom: ended === null ? 0n : ended.at + ENDED_PAUSE,
  };
}

const KINDS = { Loss: 1n, TearUpLongs: 2n, TearUpShorts: 3n };

/** See IClearingHouse.eventOf. */
export function eventState({ kind, x, fraction, loss, revealed, bookedAt }: MarketEvent): Answer {
  return { kind: KINDS[kind], x, fraction, lossUsd: loss, revealedUsd: revealed, bookedAt };
}

/**
 * See IClearingHouse.marginOf; undefined where too many events wait. Works on a copy. Whether a loss waits to be collected is judged before the account's own
 * charges collect it.
 */
export function marginOf(call: Call, name: AccountName, kind: Kind): Judgement | undefined {
  const copy = copied(call);
  return unlessRefused(() => {
    const work = open(copy, name, [], "Latest");
    forget(call, work);
    return assess(copy, work, kind);
  });
}

/** See IClearingHouse.freeCashOf; in the same way. */
export function freeCashSeen(call: Call, name: AccountName): bigint | undefined {
  const copy = copied(call);
  return unlessRefused(() => freeCashOf(copy, name, "Latest", (work) => forget(call, work)));
}

/** See IClearingHouse.previewLiquidation, as far as a plan that does nothing says anything. */
export function planSeen(call: Call, name: AccountName, id: MarketId): Answer {
  const copy = copied(call);
  if (positionOf(copy, name, id).size === 0n) return { code: planCodes.NoPosition };
  claimBefore(copy, name, id, "Latest");
  const work = tryOpen(copy, name, [id], "Latest");
  if (work === undefined) return { code: planCodes.EventsPending };
  const holding = holdingOf(work, id);
  const plan = planSlice(copy, work, holding);
  if (!acts(plan)) return { code: planCodes[plan.code] };
  const delta = holding.position.size > 0n ? -plan.closeSize : plan.closeSize;
  return {
    code: planCodes[plan.code],
    equityUsd: plan.equity,
    maintenanceUsd: plan.maintenance,
    closeSize: plan.closeSize,
    price: plan.price,
    impactUsd: edgeOf(holding.book, delta, plan.price),
    penaltyUsd: plan.penalty,
    keeperRewardUsd: plan.keeperReward,
    gasFloorUsd: plan.gasFloor,
    bucketUsedUsd: plan.bucketUsed,
    accountUsedRatio: plan.accountUsedRatio,
  };
}

export function copied(call: Call): Call {
  return { ...call, state: draftOf(call.state), logs: [], priced: new Map(call.priced) };
}

function forget(call: Call, { holdings }: Work): void {
  for (const { book } of holdings) {
    const known = found(call.state.markets.get(book.id), "market");
    book.market.uncollectedLoss = known.uncollectedLoss;
  }
}

function unlessRefused<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
