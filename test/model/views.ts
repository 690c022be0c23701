import { type Book, openBook } from "./book.ts";
import { accountOf, type Call, found, heldOf, positionOf, Refusal } from "./call.ts";
import { draftOf } from "./draft.ts";
import { foreseen, graceOf } from "./marketEvents.ts";
import { peek } from "./oracle.ts";
import { lastEventOf, pendingEvents } from "./positions.ts";
import { down, Rational } from "./rational.ts";
import { assess, type Judgement, type Kind } from "./risk.ts";
import type { AccountName, HouseState, MarketEvent, MarketId } from "./state.ts";
import type { HouseTerms } from "./terms.ts";
import { open } from "./work.ts";

/** Answers of the house's views, by the names of their fields. */
export type Answer = Readonly<Record<string, bigint>>;

export function callAt(state: HouseState, terms: HouseTerms, now: bigint): Call {
  return { state, terms, now, logs: [] };
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

const MODES = { Open: 1n, ReduceOnly: 2n, Halted: 3n };

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
  const copy = { ...call, state: draftOf(call.state) };
  try {
    const work = open(copy, name, [], "Latest");
    for (const { book } of work.holdings) {
      book.market.uncollectedLoss = found(
        call.state.markets.get(book.id),
        "market",
      ).uncollectedLoss;
    }
    return assess(copy, work, kind);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
