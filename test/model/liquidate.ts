import { accountOf, available, type Call, credit, log } from "./call.ts";
import { keepMark } from "./distress.ts";
import { fillAgainstPool } from "./fills.ts";
import { applyEvents, claimRefunds } from "./marketEvents.ts";
import { type Freshness, observe } from "./oracle.ts";
import { creditClaim, pendingEvents } from "./positions.ts";
import { restartStanding } from "./premium.ts";
import { down, exact, lesser, positive, whole } from "./rational.ts";
import { pullLosses } from "./settlement.ts";
import { acts, type PlanCode, planCodes, planSlice, type Slice } from "./slicing.ts";
import type { AccountName, MarketId } from "./state.ts";
import {
  BACKSTOP,
  CENT,
  isSystemAccount,
  MAX_EVENTS_PER_TOUCH,
  MAX_REFUNDS_PER_LIQUIDATION,
  systemAccountOf,
} from "./terms.ts";
import { alter, type Holding, holdingOf, tryOpen, type Work } from "./work.ts";

/** What liquidations of one action pay out at its end. */
export interface Proceeds {
  keeper: bigint;
  backstop: bigint;
}

export interface Item {
  readonly account: AccountName;
  readonly market: MarketId;
}

/** See IClearingHouse.liquidate and liquidateBatch. */
export function liquidate(call: Call, items: readonly Item[], keeper: AccountName): void {
  const proceeds: Proceeds = { keeper: 0n, backstop: 0n };
  for (const item of items) liquidateOne(call, item, keeper, proceeds);
  payOut(call, keeper, proceeds);
}

function liquidateOne(call: Call, item: Item, keeper: AccountName, proceeds: Proceeds): void {
  const code = slice(call, item, keeper, proceeds);
  if (code === null) return;
  log(call, "LiquidationSkipped", item.account, item.market, planCodes[code]);
}

/** Null if it acted, else why not. */
function slice(
  call: Call,
  { account: name, market: id }: Item,
  keeper: AccountName,
  proceeds: Proceeds,
): PlanCode | null {
  const stored = accountOf(call, name).positions.get(id)?.size ?? 0n;
  if (stored === 0n || isSystemAccount(name)) return "NoPosition";
  claimBefore(call, name, id, "SameBlock");
  const work = tryOpen(call, name, [id], "SameBlock");
  if (work === undefined) return "EventsPending";
  const holding = holdingOf(work, id);
  const plan = planSlice(call, work, holding);
  if (!acts(plan)) return plan.code;
  const delta = holding.position.size > 0n ? -plan.closeSize : plan.closeSize;
  pullLosses(call, work, { acted: id });
  const { deposit } = work.account;
  fillAgainstPool(call, work, holding, delta, plan.price);
  conclude(call, work, holding, keeper, delta, deposit, plan, proceeds);
  keepMark(call, work);
  return null;
}

/** Refunds already proven count before anybody is liquidated through a charge. */
export function claimBefore(
  call: Call,
  name: AccountName,
  id: MarketId,
  freshness: Freshness,
): void {
  if (!accountOf(call, name).hasCharges) return;
  const { bucket } = observe(call, id, freshness);
  if (pendingEvents(call, name, id) > MAX_EVENTS_PER_TOUCH) return;
  applyEvents(call, name, id, bucket, MAX_EVENTS_PER_TOUCH);
  claimRefunds(call, name, id, MAX_REFUNDS_PER_LIQUIDATION);
}

/** After the fill of a plan: penalty, reward, pacing. The deposit is what it was before the fill: should that have released it, the keeper's gas comes first. */
export function conclude(
  call: Call,
  work: Work,
  holding: Holding,
  keeper: AccountName,
  delta: bigint,
  deposit: bigint,
  plan: Slice,
  proceeds: Proceeds,
): void {
  const { account, name } = work;
  const { book, position } = holding;
  account.deposit = deposit;
  const reward = takePenalty(call, work, holding, plan, proceeds);
  if (account.markets.size === 0) account.deposit = 0n;
  // Up to the cent, and up to a 255th.
  book.market.bucketUsed = exact(plan.bucketUsed).over(exact(CENT)).ceiling() * CENT;
  book.market.bucketAt = call.now;
  account.sliceUsed = lesser(255n, exact(plan.accountUsedRatio).times(whole(255n)).ceiling());
  account.slicedAt = call.now;
  restartStanding(call, account);
  account.version += 1n;
  log(
    call,
    "Liquidated",
    name,
    book.id,
    keeper,
    delta,
    plan.price,
    plan.penalty,
    reward,
    plan.equity,
    plan.maintenance,
    position.size,
    position.quote,
    account.cash,
    account.version,
  );
}

/** The penalty out of cash, the rest as a claim of the fund; the keeper's reward is topped up to the gas floor, in whole cents, from half of the deposit at most. */
function takePenalty(
  call: Call,
  work: Work,
  holding: Holding,
  { penalty, keeperReward, gasFloor }: Slice,
  proceeds: Proceeds,
): bigint {
  const { account } = work;
  const paid = lesser(penalty, available(account));
  const reward = lesser(keeperReward, paid);
  account.cash -= paid;
  const toBackstop = down(exact(paid - reward).times(exact(call.terms.backstopShare)));
  const tranche = systemAccountOf(holding.book.id, "tranche");
  proceeds.backstop += toBackstop;
  credit(call, tranche, paid - reward - toBackstop);
  const missing = exact(positive(gasFloor - reward))
    .over(exact(CENT))
    .floor();
  const spendable = exact(account.deposit)
    .over(exact(2n * CENT))
    .floor();
  const topUp = lesser(missing, spendable) * CENT;
  account.deposit -= topUp;
  account.cash -= topUp;
  proceeds.keeper += reward + topUp;
  const claim = penalty - paid;
  if (claim !== 0n) {
    alter(call, work, holding, 0n, -claim);
    creditClaim(call, tranche, holding.book, claim);
  }
  return reward + topUp;
}

/** What markets do not keep. */
export function payOut(call: Call, keeper: AccountName, proceeds: Proceeds): void {
  credit(call, keeper, proceeds.keeper);
  credit(call, BACKSTOP, proceeds.backstop);
}
