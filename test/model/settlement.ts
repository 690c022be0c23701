import { type Book, valueAt } from "./book.ts";
import { type Call, marginCash, positionOf } from "./call.ts";
import { drawUpTo, repayCredit } from "./creditLine.ts";
import { windowOf } from "./oracle.ts";
import { maturedOf } from "./positions.ts";
import { hasPower, TRADE, WITHDRAW } from "./powers.ts";
import { down, exact, greater, lesser, positive, Rational } from "./rational.ts";
import type { AccountName, Caller, MarketId } from "./state.ts";
import { FUND, isBuffer, isSystemAccount, PROTOCOL, poolOf, systemAccountOf } from "./terms.ts";
import { dropEmpty, type Holding, move, open, type Work, worth } from "./work.ts";

const LARGEST = 2n ** 256n - 1n;

/** Whose losses are pulled: of the market acted in, what also stands at the window's extremes, or everything. */
export type Scope = { readonly acted: MarketId } | "Standing" | "All";

/** The loss in one market. */
function lossOf(call: Call, holding: Holding, scope: Scope): bigint {
  const value = worth(holding);
  const { book, position } = holding;
  if (scope !== "Standing" || value >= 0n || position.size === 0n) return positive(-value);
  const { low, high } = windowOf(call, book.id);
  const best = valueAt(position, (position.size > 0n ? high : low) - book.fundingIndex);
  return positive(-greater(value, best));
}

/**
 * Pulls losses from cash, in all markets in one step and pro rata (down) where neither cash nor credit covers them. The share of a market without a valid price is kept aside
 * until the price is back, or nothing is left to price there.
 */
export function pullLosses(call: Call, work: Work, scope: Scope): void {
  const { account, holdings } = work;
  const losses = new Map<Holding, bigint>();
  for (const holding of holdings) {
    const { book, position } = holding;
    let loss = lossOf(call, holding, scope);
    if (position.held !== 0n) {
      if (book.status === "Valid" || (loss === 0n && position.size === 0n)) {
        const served = lesser(position.held, loss);
        position.held = 0n;
        if (served !== 0n) move(call, work, holding, -served);
        loss -= served;
      } else {
        loss = positive(loss - position.held);
      }
    }
    losses.set(holding, loss);
  }
  const total = [...losses.values()].reduce((sum, loss) => sum + loss, 0n);
  let cash = marginCash(account) - holdings.reduce((sum, { position }) => sum + position.held, 0n);
  if (total > cash) cash += drawUpTo(call, work.name, total - cash);
  const isCovered = total <= cash;
  for (const [holding, loss] of losses) {
    if (loss === 0n) continue;
    const { book, position } = holding;
    if (isCovered) {
      const isMeant = typeof scope !== "object" || scope.acted === book.id;
      if (isMeant && book.status === "Valid") move(call, work, holding, -loss);
    } else {
      const share = down(exact(cash).times(new Rational(loss, total)));
      if (share === 0n) continue;
      if (book.status === "Valid") move(call, work, holding, -share);
      else position.held += share;
    }
  }
}

/** Pays the matured gain in one market as far as the reserve reaches. */
export function payGain(call: Call, work: Work, holding: Holding): void {
  const { book, position } = holding;
  if (worth(holding) <= 0n || book.status !== "Valid") return;
  const reserve = payableReserve(call, book, work.name);
  const amount = lesser(maturedOf(call, book, position), reserve);
  if (amount > 0n) move(call, work, holding, amount);
}

/** B less deficits that wait; for a buffer also less the gains of everybody else, because its claims are junior. */
function payableReserve(call: Call, { id, market, x }: Book, name: AccountName): bigint {
  const { longs, shorts, reserve, pendingLoss, uncollectedLoss, surplus } = market;
  if (!isBuffer(name)) return positive(reserve - pendingLoss);
  const pool = positionOf(call, poolOf(id), id);
  const buffers = new Set([FUND, PROTOCOL, systemAccountOf(id, "tranche"), name]);
  const junior = [...buffers].reduce((sum, each) => sum + positionOf(call, each, id).quote, 0n);
  const flat =
    reserve +
    uncollectedLoss +
    pendingLoss -
    surplus -
    longs.quote -
    shorts.quote -
    pool.quote -
    junior;
  const senior =
    positive(valueAt({ size: longs.openInterest, quote: longs.quote }, x)) +
    positive(valueAt({ size: -shorts.openInterest, quote: shorts.quote }, x)) +
    positive(valueAt(pool, x)) +
    positive(flat);
  return positive(reserve - pendingLoss - senior);
}

/** Settles one account; the house's own, tranches aside, are left alone. */
export function settleOne(
  call: Call,
  name: AccountName,
  scope: Scope,
  gains: "paid" | "kept",
): void {
  if (isSystemAccount(name) && !isBuffer(name)) return;
  if ((call.state.accounts.get(name)?.markets.size ?? 0) === 0) return;
  const work = open(call, name, [], "SameBlock");
  pullLosses(call, work, scope);
  if (gains === "paid") for (const holding of work.holdings) payGain(call, work, holding);
  dropEmpty(call, work);
}

/** See IClearingHouse.settle. */
export function settle(
  call: Call,
  names: readonly AccountName[],
  caller: Caller | "account",
): void {
  for (const name of names) {
    const isEntitled = caller === "account" || hasPower(call, name, caller, TRADE | WITHDRAW);
    settleOne(call, name, isEntitled ? "All" : "Standing", "paid");
    repayCredit(call, name, LARGEST, "Spare");
  }
}
