import type { Book } from "./book.ts";
import { accountOf, available, type Call, credit, log, Refusal } from "./call.ts";
import { renewCoverage, requireCoverage } from "./coverage.ts";
import { drawForCosts } from "./creditLine.ts";
import { keepMark } from "./distress.ts";
import { edgeOf, fillPair } from "./fills.ts";
import { claimBefore, conclude, type Proceeds, payOut } from "./liquidate.ts";
import { openPair } from "./pair.ts";
import { poolPriceOf } from "./poolPrice.ts";
import { type Before, beforeFill, requireOpeningMargin } from "./premium.ts";
import { down, exact, lesser, positive, Rational, size, up } from "./rational.ts";
import { assess, type Judgement } from "./risk.ts";
import { payGain, pullLosses } from "./settlement.ts";
import {
  acts,
  budgetOf,
  closing,
  type Plan,
  patientOf,
  planCodes,
  planSlice,
  reducing,
  type Slice,
} from "./slicing.ts";
import type { AccountName, MarketId } from "./state.ts";
import { isBuffer, isSystemAccount, poolOf, systemAccountOf } from "./terms.ts";
import {
  lockDeposit,
  requireInitialMargin,
  requirePosition,
  requirePrice,
  requireReduction,
} from "./trade.ts";
import { type Holding, holdingOf, type Work } from "./work.ts";

export interface Match {
  readonly maker: AccountName;
  readonly taker: AccountName;
  readonly market: MarketId;
  /** Of the taker. */
  readonly sizeDelta: bigint;
  readonly price: bigint;
  readonly makerReduceOnly: boolean;
  readonly takerReduceOnly: boolean;
}

/** One side of a match: whether it reduces, and its health before if so. */
interface Party {
  readonly work: Work;
  readonly holding: Holding;
  readonly before: Judgement | null;
}

/** See IClearingHouse.matchOrders; the caller is a venue that may trade for both. */
export function matchOrders(call: Call, request: Match): void {
  const { maker: makerName, taker: takerName, market: id, sizeDelta: delta, price } = request;
  if (makerName === takerName) throw new Refusal("SelfMatch", makerName);
  const [takerWork, makerWork] = openPair(call, takerName, makerName, [id]);
  const { book } = holdingOf(takerWork, id);
  requirePrice(book);
  requireTrader(book, takerName);
  requireTrader(book, makerName);
  requireBand(book, price);
  requireLots(holdingOf(takerWork, id), holdingOf(makerWork, id), delta);
  const taker = prepare(call, takerWork, id, delta, request.takerReduceOnly);
  const maker = prepare(call, makerWork, id, -delta, request.makerReduceOnly);
  const { makerFee, takerFee } = book.terms.market;
  const [ofMaker, ofTaker] = [feeOn(book, delta, makerFee), feeOn(book, delta, takerFee)];
  const takerFound = drawFor(call, taker, delta, price, ofTaker);
  const makerFound = drawFor(call, maker, -delta, price, ofMaker);
  const longsBefore = book.market.longs.openInterest;
  const [takerUnpaid, makerUnpaid] = fillPair(
    call,
    takerWork,
    taker.holding,
    makerWork,
    maker.holding,
    delta,
    price,
  );
  charge(call, taker, ofTaker, takerUnpaid);
  charge(call, maker, ofMaker, makerUnpaid);
  // What only changes hands makes a market no larger.
  if (book.market.longs.openInterest > longsBefore) requireCoverage(call, book);
  else if (taker.before === null || maker.before === null) renewCoverage(call, book);
  requireHealthyPaid(call, taker, takerFound);
  requireHealthyPaid(call, maker, makerFound);
  tellMatched(call, taker, makerName, delta, price, ofTaker);
  tellMatched(call, maker, takerName, -delta, price, ofMaker);
  keepMark(call, takerWork);
  keepMark(call, makerWork);
  const fees = ofMaker + ofTaker;
  const toTranche = up(exact(fees).times(exact(book.terms.market.insuranceShare)));
  credit(call, poolOf(id), fees - toTranche);
  credit(call, systemAccountOf(id, "tranche"), toTranche);
}

/** The pool is paid from a fill; buffers do not trade. */
function requireTrader({ id }: Book, name: AccountName): void {
  if (name === poolOf(id) || isBuffer(name)) throw new Refusal("SystemAccount", name);
}

/** |p − P| ≤ band·P, down. */
function requireBand(book: Book, price: bigint): void {
  const distance = down(exact(book.price).times(exact(book.terms.market.band)));
  if (size(price - book.price) <= distance) return;
  const [lowest, highest] = [book.price - distance, book.price + distance];
  throw new Refusal("PriceOutsideBand", book.id, price, lowest, highest);
}

/** Whole lots, or all that one of the two holds. */
function requireLots(taker: Holding, maker: Holding, delta: bigint): void {
  const { lotSize } = taker.book.terms.market;
  const closes = delta === -taker.position.size || delta === maker.position.size;
  if (delta === 0n || (delta % lotSize !== 0n && !closes)) {
    throw new Refusal("SizeNotInLots", delta, lotSize);
  }
}

function prepare(call: Call, work: Work, id: MarketId, delta: bigint, reduceOnly: boolean): Party {
  const holding = holdingOf(work, id);
  const reduces = requireReduction(work, holding, delta, reduceOnly);
  const before = reduces ? assess(call, work, "Maintenance") : null;
  pullLosses(call, work, "All");
  payGain(call, work, holding);
  return { work, holding, before };
}

/** Edge, fee and deposit come out of the side's line where its cash does not reach. Returns what it had before the fill. */
function drawFor(
  call: Call,
  { work, holding, before }: Party,
  delta: bigint,
  price: bigint,
  fee: bigint,
): Before {
  const edge = positive(edgeOf(holding.book, delta, price));
  const deposit = before === null ? positive(call.terms.depositUsd - work.account.deposit) : 0n;
  drawForCosts(call, work, edge + fee + deposit);
  return beforeFill(work, holding);
}

/** On the notional at the index: booked up in base, then in USD. */
function feeOn(book: Book, delta: bigint, rate: bigint): bigint {
  const inBase = up(exact(size(delta)).times(exact(rate)));
  return up(exact(inBase).times(exact(book.price)));
}

/** Edge, deposit and fee out of cash, or nothing happens. */
function charge(call: Call, { work, holding, before }: Party, fee: bigint, unpaid: bigint): void {
  const { account, name } = work;
  if (unpaid !== 0n) throw new Refusal("CashTooLow", name, available(account), fee + unpaid);
  if (before === null) lockDeposit(call, work);
  const cash = available(account);
  if (cash < fee) throw new Refusal("CashTooLow", name, cash, fee);
  account.cash -= fee;
  requirePosition(work, holding, before !== null);
}

/** One that has opened something also owes its premium. */
function requireHealthyPaid(call: Call, party: Party, found: Before): void {
  if (party.before !== null) requireHealthy(call, party);
  else requireOpeningMargin(call, party.work, party.holding, found);
}

/** E ≥ IM, or for a reduction E ≥ 0 and E/MM no lower than before. */
function requireHealthy(call: Call, { work, before }: Party): void {
  if (before === null) {
    requireInitialMargin(call, work);
    return;
  }
  if (work.account.markets.size === 0) return;
  const { equity, required } = assess(call, work, "Maintenance");
  if (equity < 0n) throw new Refusal("AccountBankrupt", work.name, equity);
  if (equity * before.required >= before.equity * required) return;
  const initial = assess(call, work, "Initial");
  if (initial.equity >= initial.required) return;
  throw new Refusal("HealthWouldFall", work.name, equity, required, before.equity, before.required);
}

/** The account's version moves on with it. */
export function tellMatched(
  call: Call,
  { work, holding }: { readonly work: Work; readonly holding: Holding },
  counterparty: AccountName,
  delta: bigint,
  price: bigint,
  fee: bigint,
): void {
  const { account, name } = work;
  const { book, position } = holding;
  account.version += 1n;
  log(
    call,
    "Matched",
    name,
    book.id,
    counterparty,
    delta,
    price,
    fee,
    position.size,
    position.quote,
    account.cash,
    account.version,
  );
}

export interface LiquidationMatch {
  readonly account: AccountName;
  readonly market: MarketId;
  readonly maker: AccountName;
  readonly makerSizeDelta: bigint;
  readonly price: bigint;
  readonly makerReduceOnly: boolean;
}

/** See IClearingHouse.liquidateAgainst; the caller is a venue that may trade for the maker. */
export function liquidateAgainst(call: Call, request: LiquidationMatch, keeper: AccountName): Plan {
  const { account: name, market: id, maker: makerName, price } = request;
  if (isSystemAccount(name)) throw new Refusal("SystemAccount", name);
  if (makerName === name) throw new Refusal("SelfMatch", makerName);
  const skip = (plan: Plan) => log(call, "LiquidationSkipped", name, id, planCodes[plan.code]);
  if ((accountOf(call, name).positions.get(id)?.size ?? 0n) === 0n) {
    skip({ code: "NoPosition" });
    return { code: "NoPosition" };
  }
  claimBefore(call, name, id, "Latest");
  const [victim, makerWork] = openPair(call, name, makerName, [id]);
  const holding = holdingOf(victim, id);
  const { book } = holding;
  const plan = planAgainst(call, victim, holding, request);
  if (!acts(plan)) {
    skip(plan);
    return plan;
  }
  requireTrader(book, makerName);
  requireBand(book, price);
  const delta = holding.position.size > 0n ? -plan.closeSize : plan.closeSize;
  const maker = prepare(call, makerWork, id, -delta, request.makerReduceOnly);
  drawFor(call, maker, -delta, price, 0n);
  pullLosses(call, victim, { acted: id });
  const { deposit } = victim.account;
  const [, unpaid] = fillPair(call, victim, holding, makerWork, maker.holding, delta, price);
  const proceeds: Proceeds = { keeper: 0n, backstop: 0n };
  conclude(call, victim, holding, keeper, delta, deposit, plan, proceeds);
  charge(call, maker, 0n, unpaid);
  requireHealthy(call, maker);
  tellMatched(call, maker, name, -delta, price, 0n);
  keepMark(call, victim);
  keepMark(call, makerWork);
  payOut(call, keeper, proceeds);
  return plan;
}

/** The plan against the pool, cut to what the maker takes: the penalty pro rata (down) at most, and never so much that health falls. */
function planAgainst(
  call: Call,
  work: Work,
  holding: Holding,
  { makerSizeDelta, price }: LiquidationMatch,
): Plan {
  const plan = planSlice(call, work, holding);
  if (!acts(plan)) return plan;
  const { book, position } = holding;
  const isLong = position.size > 0n;
  if (makerSizeDelta > 0n !== isLong) {
    throw new Refusal("NotAReduction", work.name, position.size, -makerSizeDelta);
  }
  const close = cutSize(holding, plan, makerSizeDelta);
  const poolPrice = poolPriceOf(book, isLong ? -close : close);
  if (isLong ? price <= poolPrice : price >= poolPrice) {
    throw new Refusal("PriceNotBetter", price, poolPrice);
  }
  const patient = patientOf(call, work, holding, plan.equity, plan.maintenance);
  const left = budgetOf(patient, close) - edgeOf(book, reducing(patient, close), price);
  if (left < 0n) return { code: "Unaffordable" };
  const part = new Rational(close, plan.closeSize);
  const penalty = lesser(down(exact(plan.penalty).times(part)), left);
  return closing(patient, close, price, penalty, down(exact(plan.gasFloor).times(part)));
}

/** As much as the maker takes, in whole lots and so that no rest falls below the least position. */
function cutSize({ book, position }: Holding, plan: Slice, makerSizeDelta: bigint): bigint {
  const { minNotionalUsd, lotSize } = book.terms.market;
  if (size(makerSizeDelta) >= plan.closeSize) return plan.closeSize;
  const smallest = up(exact(minNotionalUsd).over(exact(book.price)));
  const most = lesser(size(makerSizeDelta), positive(size(position.size) - smallest));
  const cut = most - (most % lotSize);
  if (cut === 0n) throw new Refusal("SizeNotInLots", makerSizeDelta, lotSize);
  return cut;
}
