import { notionalUp, skewOf } from "./book.ts";
import { accountOf, type Call, found, log, marketOf, marketsOf, Refusal } from "./call.ts";
import { deposit, withdraw } from "./freeCash.ts";
import { claim, foreseen } from "./marketEvents.ts";
import { observe, peek } from "./oracle.ts";
import { maturedOf, pendingEvents } from "./positions.ts";
import {
  down,
  exact,
  greater,
  lesser,
  ONE,
  positive,
  Rational,
  size,
  up,
  whole,
} from "./rational.ts";
import { settle } from "./settlement.ts";
import { planCodes } from "./slicing.ts";
import {
  burnCooled,
  mint,
  recoverable,
  requireCooled,
  requireNoLossInSight,
  TOLERANCE,
} from "./staking.ts";
import type { AccountName, Backstop, Holder, MarketId } from "./state.ts";
import { planForBackstop, takeOver } from "./takeOver.ts";
import { BACKSTOP, type BackstopTerms } from "./terms.ts";
import { trade } from "./trade.ts";
import { copied, freeCashSeen } from "./views.ts";
import { open, worth } from "./work.ts";

const MAX_PRICE_AGE = 120n;
const EPOCH = 86_400n;
const DEPLETION_FACTOR = 1_000n;
const MAX_REFUNDS = 16n;
const VIRTUAL = 10n ** 12n;
/** Booked per unit of the token. */
const NATIVE = 10n ** 12n;
/** Values of positions are rounded down by as much. */
const VALUE_DUST = 1n;

const REFUSAL = {
  None: 0n,
  Plan: 1n,
  NoTerms: 2n,
  PriceNotValid: 3n,
  MarketCap: 4n,
  EpochCap: 5n,
  Leverage: 6n,
  TooDear: 7n,
  TooSmall: 8n,
};
type BidRefusal = keyof typeof REFUSAL;

function termsIn({ terms }: Call, id: MarketId): BackstopTerms {
  return found(terms.backstop.markets.get(id), `terms of the backstop in ${id}`);
}

/** What the account is worth, as if settled. */
interface Worth {
  readonly equity: bigint;
  readonly redeemable: bigint;
  readonly notional: bigint;
  readonly isPriced: boolean;
}

function worthOf(call: Call): Worth {
  const copy = copied(call);
  const work = open(copy, BACKSTOP, [], "Latest");
  let equity = work.account.cash;
  let redeemable = equity;
  let notional = 0n;
  let isPriced = true;
  for (const holding of work.holdings) {
    const { book, position } = holding;
    const { market, terms, averageSkew } = book;
    if (book.status !== "Valid") isPriced = false;
    const ofPosition = notionalUp(book, position.size);
    const value = worth(holding);
    notional += ofPosition;
    equity += value + VALUE_DUST;
    let cost = 0n;
    if (position.size !== 0n) {
      const rate = impactRate(
        position.size,
        size(position.size),
        0n,
        averageSkew,
        terms.market.skewScale,
      );
      const { unwindTolerance } = termsIn(call, book.id);
      cost = up(
        exact(ofPosition).times(exact(lesser(rate, unwindTolerance) + terms.market.takerFee)),
      );
    }
    const payable = lesser(
      maturedOf(copy, book, position),
      positive(market.reserve - market.pendingLoss),
    );
    redeemable += lesser(value - cost, payable);
  }
  return { equity, redeemable: positive(redeemable), notional, isPriced };
}

/** ∓k/K + (held + size/2)/K, up, at least 0. */
function impactRate(
  direction: bigint,
  amount: bigint,
  held: bigint,
  averageSkew: bigint,
  scale: bigint,
): bigint {
  const own = up(new Rational(2n * held + amount, 2n * scale));
  return positive(own + (direction > 0n ? -averageSkew : averageSkew));
}

/** What equity has changed by since it was last booked is gain or loss. */
function book({ state: { backstop } }: Call, equity: bigint): void {
  const change = equity - backstop.booked;
  if (change > 0n) backstop.gain += change;
  else backstop.loss -= change;
  backstop.booked = equity;
}

function record(call: Call): void {
  const { supply, booked, gain, loss } = call.state.backstop;
  const price =
    booked < 0n ? 0n : supply === 0n ? ONE : up(new Rational(booked + VIRTUAL, supply + VIRTUAL));
  log(call, "HistoryRecorded", price, booked, supply, gain, loss);
}

/** Observes, claims refunds and settles at valid prices; tells the markets the account is in. */
function settleAccount(call: Call, touched: readonly MarketId[]): MarketId[] {
  for (const id of touched) observe(call, id, "Latest");
  for (const id of touched) claim(call, BACKSTOP, id, MAX_REFUNDS);
  const ids = marketsOf(accountOf(call, BACKSTOP));
  for (const id of ids) {
    const { status } = peek(call, id);
    if (status !== "Valid") throw new Refusal("PriceNotValid", id, status);
  }
  if (ids.length > 0) settle(call, [BACKSTOP], "account");
  return ids;
}

/** Where it has ever been, as far as it has noticed: where it took something over, or has a claim on what it paid for. */
function joined(call: Call, more: readonly MarketId[] = []): MarketId[] {
  const { backstop } = call.state;
  for (const id of marketsOf(accountOf(call, BACKSTOP))) backstop.joined.add(id);
  return [...new Set([...backstop.joined, ...more])].sort((a, b) => Number(a - b));
}

function openFresh(call: Call): Worth {
  for (const id of settleAccount(call, joined(call))) {
    if (marketOf(call, id).ended !== null) continue;
    const { publishedAt } = found(call.state.prices.get(id), "price");
    if (call.now > publishedAt + MAX_PRICE_AGE) {
      throw new Refusal("BackstopPriceNotFresh", id, publishedAt, MAX_PRICE_AGE);
    }
  }
  return worthOf(call);
}

/** See IBackstopPool and ERC-4626; the caller is the receiver. */
export function stake(call: Call, caller: Holder, native: bigint): void {
  const { equity } = openFresh(call);
  const { backstop } = call.state;
  const { supply } = backstop;
  if (equity < 0n || equity * DEPLETION_FACTOR < supply) {
    throw new Refusal("BackstopDepleted", equity, supply);
  }
  const amount = native * NATIVE;
  const asked = equity + recoverable(call, "backstop");
  const minted =
    supply === 0n
      ? amount
      : down(exact(amount).times(new Rational(supply + VIRTUAL, asked + VIRTUAL)));
  if (native === 0n || minted === 0n) throw new Refusal("AmountTooSmall", native, minted);
  mint(call, backstop, caller, minted, equity);
  book(call, equity);
  backstop.booked += amount;
  record(call);
  log(call, "Deposit", caller, caller, native, minted);
  deposit(call, BACKSTOP, amount, "somebody");
}

/** Redeems the caller's own shares for the caller. */
export function redeem(call: Call, caller: Holder, shares: bigint): void {
  const { redeemable, notional, equity } = openFresh(call);
  const { backstop } = call.state;
  const { supply } = backstop;
  const native = down(exact(shares).times(new Rational(redeemable, supply + VIRTUAL))) / NATIVE;
  requireNothingOpen(call);
  requireCooled(call, backstop, caller, shares);
  if (native === 0n || shares === 0n) throw new Refusal("AmountTooSmall", native, shares);
  const amount = native * NATIVE;
  const needed = up(exact(notional).over(exact(call.terms.backstop.maxLeverage)));
  const payable = lesser(freeCashSeen(call, BACKSTOP) ?? 0n, positive(redeemable - needed));
  if (amount > payable) {
    throw new Refusal("ERC4626ExceededMaxWithdraw", caller, native, payable / NATIVE);
  }
  burnCooled(call, backstop, caller, shares);
  book(call, equity);
  backstop.booked -= amount;
  record(call);
  log(call, "Withdraw", caller, caller, caller, native, shares);
  withdraw(call, BACKSTOP, amount, caller);
}

function requireNothingOpen(call: Call): void {
  requireNoLossInSight(call);
  for (const id of marketsOf(accountOf(call, BACKSTOP))) {
    const { pendingLoss } = marketOf(call, id);
    if (pendingLoss > TOLERANCE) throw new Refusal("DeficitOpen", id, pendingLoss, TOLERANCE);
  }
}

/** See IBackstopPool.checkpoint. */
export function checkpoint(call: Call): void {
  settleAccount(call, joined(call));
  book(call, worthOf(call).equity);
  record(call);
}

function sizeIn(call: Call, name: AccountName, id: MarketId): bigint {
  return foreseen(call, name, id, pendingEvents(call, name, id)).size;
}

function takenIn({ state, now }: Call, id: MarketId): bigint {
  const taken = state.backstop.taken.get(id);
  return taken !== undefined && taken.epoch === now / EPOCH ? taken.amount : 0n;
}

type Plan = ReturnType<typeof planForBackstop>;

function acts(plan: Plan): plan is Extract<Plan, { takeSize: bigint }> {
  return "takeSize" in plan;
}

interface Bid {
  plan: Plan;
  refusal: BidRefusal;
}

/** See IBackstopPool.take. */
export function takeByBackstop(call: Call, from: AccountName, id: MarketId): void {
  settleAccount(call, joined(call, [id]));
  const valued = worthOf(call);
  book(call, valued.equity);
  const { refusal, plan } = bidFor(call, valued, from, id);
  if (refusal !== "None" || !acts(plan)) {
    throw new Refusal("BidRefused", from, id, REFUSAL[refusal], planCodes[plan.code]);
  }
  const { backstop } = call.state;
  backstop.joined.add(id);
  const { takeSize: maxSize, price: limitPrice } = plan;
  const request = { account: from, market: id, taker: BACKSTOP, maxSize, limitPrice };
  const done = takeOver(call, { ...request, expectedVersion: 0n });
  if (!acts(done)) {
    throw new Refusal("BidRefused", from, id, REFUSAL.Plan, planCodes[done.code]);
  }
  const { price } = peek(call, id);
  const taken = takenIn(call, id) + up(exact(done.takeSize).times(exact(price)));
  backstop.taken.set(id, { epoch: call.now / EPOCH, amount: taken });
  log(call, "BackstopTook", from, id, done.takeSize, done.price, done.discount, taken);
  book(call, worthOf(call).equity);
  record(call);
}

/** The least of what is planned, what the caps leave, and what discount and concession pay the closing of. */
function bidFor(call: Call, valued: Worth, from: AccountName, id: MarketId): Bid {
  const healthy: Plan = { code: "Healthy" };
  const terms = termsIn(call, id);
  const held = sizeIn(call, from, id);
  if (terms.unwindIntervalSeconds === 0n) return { plan: healthy, refusal: "NoTerms" };
  if (!valued.isPriced) return { plan: healthy, refusal: "PriceNotValid" };
  let plan = planForBackstop(call, from, id, 2n ** 256n - 1n);
  if (!acts(plan)) return { plan, refusal: "Plan" };
  const { price } = peek(call, id);
  const own = sizeIn(call, BACKSTOP, id);
  const same = held > 0n ? own : -own;
  const wanted = plan.takeSize;
  const { room, cap } = roomFor(call, valued, id, same, size(own), price);
  if (wanted > room) plan = planForBackstop(call, from, id, room);
  if (acts(plan)) {
    const cheap = cheapened(call, plan, room, from, id, held, positive(same), price);
    if (cheap === "TooDear") return { plan, refusal: cheap };
    plan = cheap;
  }
  const isCut = (acts(plan) ? plan.takeSize : 0n) < wanted;
  if (!acts(plan)) return { plan, refusal: isCut ? cap : "Plan" };
  if (plan.code === "Full") return { plan, refusal: "None" };
  const left = size(same + plan.takeSize);
  const { minNotionalUsd } = found(call.terms.markets.get(id), "terms").market;
  if (left !== 0n && down(exact(left).times(exact(price))) < minNotionalUsd) {
    return { plan, refusal: isCut ? cap : "TooSmall" };
  }
  return { plan, refusal: "None" };
}

/** How much more caps allow in a direction, each down, and the first of the lowest. */
function roomFor(
  call: Call,
  { notional, redeemable }: Worth,
  id: MarketId,
  same: bigint,
  heldSize: bigint,
  price: bigint,
): { room: bigint; cap: BidRefusal } {
  const { capUsd, epochCapUsd } = termsIn(call, id);
  const inBase = (usd: bigint) => down(exact(usd).over(exact(price)));
  const others = positive(notional - up(exact(heldSize).times(exact(price))));
  const allowed = down(exact(redeemable).times(exact(call.terms.backstop.maxLeverage)));
  const caps: readonly (readonly [BidRefusal, bigint])[] = [
    ["MarketCap", positive(inBase(capUsd) - same)],
    ["Leverage", positive(inBase(positive(allowed - others)) - same)],
    ["EpochCap", inBase(positive(epochCapUsd - takenIn(call, id)))],
  ];
  let [cap, room] = caps[0] ?? ["MarketCap", 0n];
  for (const [name, most] of caps) if (most < room) [cap, room] = [name, most];
  return { room, cap };
}

/** A plan whose closing costs no more than discount and concession; else cut to what the concession alone pays. */
function cheapened(
  call: Call,
  plan: Extract<Plan, { takeSize: bigint }>,
  room: bigint,
  from: AccountName,
  id: MarketId,
  direction: bigint,
  same: bigint,
  price: bigint,
): Plan | "TooDear" {
  const { maxConcession } = termsIn(call, id);
  const { averageSkew } = openedFor(call, id);
  const { skewScale } = found(call.terms.markets.get(id), "terms").market;
  const isCheap = ({ takeSize, discount }: { takeSize: bigint; discount: bigint }): boolean => {
    const notional = exact(up(exact(takeSize).times(exact(price))));
    const rate = impactRate(direction, takeSize, same, averageSkew, skewScale);
    const allowed = discount + up(notional.times(exact(maxConcession)));
    return up(notional.times(exact(rate))) <= allowed;
  };
  if (isCheap(plan)) return plan;
  const reach = positive(maxConcession + (direction > 0n ? averageSkew : -averageSkew));
  const most = positive(2n * down(exact(reach).times(exact(skewScale))) - 2n * same);
  const least = lesser(room, most);
  if (least === 0n) return "TooDear";
  const cut = planForBackstop(call, from, id, least);
  return !acts(cut) || isCheap(cut) ? cut : "TooDear";
}

function openedFor(call: Call, id: MarketId) {
  const copy = copied(call);
  const [holding] = open(copy, BACKSTOP, [id], "Latest").holdings.filter(
    (each) => each.book.id === id,
  );
  return found(holding, "holding").book;
}

/** See IBackstopPool.unwind. */
export function unwindByBackstop(call: Call, id: MarketId): void {
  const { price } = observe(call, id, "Latest");
  const held = sizeIn(call, BACKSTOP, id);
  if (held === 0n) throw new Refusal("NothingHeld", id);
  const terms = termsIn(call, id);
  const { backstop } = call.state;
  const allowedAt = (backstop.unwoundAt.get(id) ?? 0n) + terms.unwindIntervalSeconds;
  if (call.now < allowedAt) throw new Refusal("SliceTooEarly", id, allowedAt, call.now);
  const delta = sliceOf(call, id, held, price);
  const tolerance = terms.unwindTolerance;
  if (delta === 0n) {
    const { skewScale } = found(call.terms.markets.get(id), "terms").market;
    const ratio = new Rational(skewOf(marketOf(call, id)) * ONE, skewScale).floor();
    throw new Refusal("SliceTooCostly", id, ratio, tolerance);
  }
  backstop.unwoundAt.set(id, call.now);
  const limitPrice =
    delta > 0n
      ? up(exact(price).times(exact(ONE + tolerance))) + 1n
      : positive(down(exact(price).times(exact(ONE - tolerance))) - 1n);
  const filled = trade(call, {
    account: BACKSTOP,
    market: id,
    sizeDelta: delta,
    limitPrice,
    spread: 0n,
    reduceOnly: true,
    keeper: BACKSTOP,
    keeperFeeUsd: 0n,
  });
  log(call, "BackstopUnwound", id, delta, filled.price, filled.fee, held + delta);
  const valued = worthOf(call);
  if (!valued.isPriced) return;
  book(call, valued.equity);
  record(call);
}

/** A slice of the depth in lots, no further from the index than the tolerance on the costly side; a rest too small to stand alone goes with it. */
function sliceOf(call: Call, id: MarketId, held: bigint, price: bigint): bigint {
  const { unwindTolerance, unwindShare } = termsIn(call, id);
  const { skewScale, lotSize, minNotionalUsd } = found(call.terms.markets.get(id), "terms").market;
  const skew = skewOf(marketOf(call, id));
  const all = size(held);
  const reach = down(exact(skewScale).times(exact(unwindTolerance))) + (held > 0n ? skew : -skew);
  const within = 2n * positive(reach);
  const depth = down(exact(skewScale).over(whole(100n)));
  const slice = lesser(greater(down(exact(depth).times(exact(unwindShare))), lotSize), within);
  const least = up(exact(minNotionalUsd).over(exact(price)));
  let amount = slice >= all ? all : slice - (slice % lotSize);
  if (amount !== all && all - amount < least) {
    amount = within >= all ? all : positive(all - least);
    if (amount !== all) amount -= amount % lotSize;
  }
  return held > 0n ? -amount : amount;
}

export function emptyBackstop(): Backstop {
  return {
    supply: 0n,
    balances: new Map(),
    cooldowns: new Map(),
    joined: new Set(),
    taken: new Map(),
    unwoundAt: new Map(),
    booked: 0n,
    gain: 0n,
    loss: 0n,
  };
}
