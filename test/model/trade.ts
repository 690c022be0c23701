import { type Book, notionalDown, skewOf } from "./book.ts";
import { accountOf, available, type Call, credit, log, positionOf, Refusal } from "./call.ts";
import { requireCoverage } from "./coverage.ts";
import { drawForCosts, drawToMargin } from "./creditLine.ts";
import { keepMark } from "./distress.ts";
import { edgeOf, fillAgainstPool, moveClaim, requireRoom } from "./fills.ts";
import { addsToSkew, feeOf, poolPriceOf } from "./poolPrice.ts";
import { requireVenueOf } from "./powers.ts";
import { beforeFill, requireOpeningMargin, restartStanding } from "./premium.ts";
import { down, exact, lesser, positive, Rational, size, up } from "./rational.ts";
import { assess } from "./risk.ts";
import { payGain, pullLosses } from "./settlement.ts";
import type { AccountName, Delegate, MarketId } from "./state.ts";
import { isSystemAccount, poolOf, systemAccountOf } from "./terms.ts";
import { type Holding, holdingOf, open, type Work } from "./work.ts";

export interface Trade {
  readonly account: AccountName;
  readonly market: MarketId;
  readonly sizeDelta: bigint;
  readonly limitPrice: bigint;
  readonly spread: bigint;
  readonly reduceOnly: boolean;
  readonly keeper: AccountName;
  readonly keeperFeeUsd: bigint;
}

/** The same by a venue, if it may trade for the account. */
export function tradeFor(call: Call, request: Trade, venue: Delegate) {
  requireVenueOf(call, request.account, venue);
  return trade(call, request);
}

/** See IClearingHouse.trade; the caller is a venue that may trade for the account. */
export function trade(call: Call, request: Trade): { price: bigint; fee: bigint } {
  const { sizeDelta: delta } = request;
  if (isSystemAccount(request.keeper)) throw new Refusal("SystemAccount", request.keeper);
  const work = open(call, request.account, [request.market], "Latest");
  const { account } = work;
  const holding = holdingOf(work, request.market);
  const { book, position } = holding;
  requirePrice(book);
  requireLots(holding, delta);
  const reduces = requireReduction(work, holding, delta, request.reduceOnly);
  pullLosses(call, work, { acted: book.id });
  payGain(call, work, holding);
  const price = priceOf(book, request);
  const isInsideBand = costsAtMostTheBand(book, request, price);
  requireMarginalBand(book, delta, reduces);
  const fee = feeOf(book, delta);
  const poolSize = positionOf(call, poolOf(book.id), book.id).size;
  drawForCosts(call, work, costsOf(call, work, request, price, fee, reduces));
  const before = beforeFill(work, holding);
  const unpaid = fillAgainstPool(call, work, holding, delta, price);
  if (!reduces) lockDeposit(call, work);
  charge(call, work, holding, request, fee, reduces ? null : unpaid);
  requirePosition(work, holding, reduces);
  if (!reduces) {
    requireRoom(call, book, poolSize);
    requireCoverage(call, book);
    requireOpeningMargin(call, work, holding, before);
  } else if (isInsideBand) requireSolvent(call, work);
  else requireInitialMargin(call, work);
  account.version += 1n;
  log(
    call,
    "Traded",
    work.name,
    book.id,
    delta,
    price,
    fee,
    position.size,
    position.quote,
    account.cash,
    account.version,
  );
  keepMark(call, work);
  return { price, fee };
}

/** Edge, fees, and the deposit of an opening. */
function costsOf(
  call: Call,
  work: Work,
  { market, sizeDelta, keeperFeeUsd }: Trade,
  price: bigint,
  fee: bigint,
  reduces: boolean,
): bigint {
  const { account } = work;
  const { book } = holdingOf(work, market);
  const deposit = reduces ? 0n : positive(call.terms.depositUsd - account.deposit);
  return positive(edgeOf(book, sizeDelta, price)) + fee + keeperFeeUsd + deposit;
}

export function requirePrice({ id, status }: Book): void {
  if (status !== "Valid") throw new Refusal("PriceNotValid", id, status);
}

function requireLots({ book, position }: Holding, delta: bigint): void {
  const { lotSize } = book.terms.market;
  if (delta === 0n || (delta % lotSize !== 0n && delta !== -position.size)) {
    throw new Refusal("SizeNotInLots", delta, lotSize);
  }
}

/** Whether a fill brings the position nearer to zero without crossing it; where it does not, order and market have to allow that. */
export function requireReduction(
  { name }: Work,
  { book, position }: Holding,
  delta: bigint,
  reduceOnly: boolean,
): boolean {
  const held = position.size;
  const isOpposite = held > 0n ? delta < 0n : held < 0n && delta > 0n;
  const reduces = isOpposite && size(delta) <= size(held);
  if (!reduces && reduceOnly) throw new Refusal("NotAReduction", name, held, delta);
  const { mode } = book.market;
  if (mode === "Halted" || mode === "WoundDown" || (mode === "ReduceOnly" && !reduces)) {
    throw new Refusal("MarketNotOpen", book.id, mode);
  }
  return reduces;
}

/** The pool's price with the venue's spread (up) against the account, within its limit. */
function priceOf(book: Book, { sizeDelta, spread, limitPrice }: Trade): bigint {
  const quoted = poolPriceOf(book, sizeDelta);
  const added = up(exact(quoted).times(exact(spread)));
  const price = sizeDelta > 0n ? quoted + added : positive(quoted - added);
  const isBeyond = sizeDelta > 0n ? price > limitPrice : price < limitPrice;
  if (isBeyond) throw new Refusal("PriceBeyondLimit", price, limitPrice);
  return price;
}

/** Whether price and keeper's fee (per unit, up) cost at most the band (down). */
function costsAtMostTheBand(book: Book, request: Trade, price: bigint): boolean {
  const { sizeDelta, keeperFeeUsd } = request;
  const worse = sizeDelta > 0n ? price - book.price : book.price - price;
  const fee = up(new Rational(keeperFeeUsd, size(sizeDelta)));
  return worse + fee <= down(exact(book.price).times(exact(book.terms.market.band)));
}

/** The band binds the marginal price after an opening, |k + Δ|/K (up). */
function requireMarginalBand(book: Book, delta: bigint, reduces: boolean): void {
  if (reduces || !addsToSkew(book, delta)) return;
  const { band, skewScale } = book.terms.market;
  const marginal = up(new Rational(size(skewOf(book.market) + delta), skewScale));
  if (marginal > band) throw new Refusal("PriceBeyondBand", book.id, marginal, band);
}

/** An opening locks the liquidation deposit, or what liquidations took of it. */
export function lockDeposit(call: Call, { account, name }: Work): void {
  if (account.goodSince === 0n) restartStanding(call, account);
  const missing = call.terms.depositUsd - account.deposit;
  if (missing <= 0n) return;
  const cash = available(account);
  if (cash < missing) throw new Refusal("CashTooLow", name, cash, missing);
  account.deposit += missing;
}

/** Fee and keeper's fee, the keeper's first. An opening has them in cash (its edge, too); what a reduction cannot pay of the fee becomes a claim of the pool. */
function charge(
  call: Call,
  work: Work,
  holding: Holding,
  request: Trade,
  fee: bigint,
  unpaidByOpening: bigint | null,
): void {
  const { account, name } = work;
  const cash = available(account);
  const needed = fee + request.keeperFeeUsd;
  if (unpaidByOpening !== null && (unpaidByOpening !== 0n || cash < needed)) {
    throw new Refusal("CashTooLow", name, cash, needed + unpaidByOpening);
  }
  const toKeeper = lesser(cash, request.keeperFeeUsd);
  const paid = lesser(cash - toKeeper, fee);
  account.cash -= toKeeper + paid;
  payFee(call, holding.book, paid);
  if (request.keeper === name) account.cash += toKeeper;
  else if (request.keeper === poolOf(request.market))
    accountOf(call, request.keeper).cash += toKeeper;
  else credit(call, request.keeper, toKeeper);
  if (paid < fee) moveClaim(call, work, holding, fee - paid);
}

/** The tranche's share (up) and the pool's. */
function payFee(call: Call, { id, terms }: Book, fee: bigint): void {
  const toTranche = up(exact(fee).times(exact(terms.market.insuranceShare)));
  accountOf(call, poolOf(id)).cash += fee - toTranche;
  credit(call, systemAccountOf(id, "tranche"), toTranche);
}

/** What an order leaves is nothing or a position of the least size. */
export function requirePosition(
  { name }: Work,
  { book, position }: Holding,
  reduces: boolean,
): void {
  if (reduces && position.size === 0n) return;
  const notional = notionalDown(book, position.size);
  const { minNotionalUsd } = book.terms.market;
  if (notional < minNotionalUsd) {
    throw new Refusal("PositionBelowMinimum", name, notional, minNotionalUsd);
  }
}

/** E ≥ 0 of an account that has only come nearer to zero; a closed one without debt needs no judge. */
function requireSolvent(call: Call, work: Work): void {
  if (work.account.markets.size === 0) return;
  const { equity } = assess(call, work, "Maintenance");
  if (equity < 0n) throw new Refusal("AccountBankrupt", work.name, equity);
}

export function requireInitialMargin(call: Call, work: Work): void {
  const { equity, required } = assess(call, work, "Initial");
  if (equity < required)
    throw new Refusal("AccountBelowInitialMargin", work.name, equity, required);
  drawToMargin(call, work);
}
