import {
  elapsedOf,
  planInventory,
  priceTake,
  shareOf,
  type Take,
  type TakePlan,
  takes,
  wantedSize,
} from "./auction.ts";
import { accountOf, type Call, log, marketsOf, Refusal } from "./call.ts";
import { drawForCosts } from "./creditLine.ts";
import { clearMark, updateMark } from "./distress.ts";
import { fillPair } from "./fills.ts";
import { closeTaken } from "./inventory.ts";
import { claimBefore } from "./liquidate.ts";
import { graceOf } from "./marketEvents.ts";
import { tellMatched } from "./match.ts";
import { openPair } from "./pair.ts";
import { restartStanding } from "./premium.ts";
import { greater, positive, size } from "./rational.ts";
import { assess } from "./risk.ts";
import { payGain, pullLosses } from "./settlement.ts";
import { distressOf, obstacleTo, type PlanCode, patientOf, planCodes } from "./slicing.ts";
import type { AccountName, MarketId } from "./state.ts";
import { BACKSTOP, isSystemAccount, poolOf, systemAccountOf } from "./terms.ts";
import { lockDeposit, requireInitialMargin, requirePosition } from "./trade.ts";
import { copied } from "./views.ts";
import { type Holding, holdingOf, tryOpen, type Work, worth } from "./work.ts";

export interface TakeOver {
  readonly account: AccountName;
  readonly market: MarketId;
  readonly taker: AccountName;
  readonly maxSize: bigint;
  readonly limitPrice: bigint;
  readonly expectedVersion: bigint;
}

export interface TakeOverWhole {
  readonly account: AccountName;
  readonly taker: AccountName;
  readonly minDiscountUsd: bigint;
  readonly expectedVersion: bigint;
}

/** See IClearingHouse.takeOver; the caller may trade for the taker. */
export function takeOver(call: Call, request: TakeOver): TakePlan {
  const { account: name, market: id, maxSize } = request;
  requireParties(call, request);
  const isInventory = name === systemAccountOf(id, "resolution");
  if (!isInventory && isSystemAccount(name)) throw new Refusal("SystemAccount", name);
  const skip = ({ code }: { readonly code: PlanCode }) =>
    log(call, "TakeOverSkipped", name, id, planCodes[code]);
  if ((accountOf(call, name).positions.get(id)?.size ?? 0n) === 0n) {
    skip({ code: "NoPosition" });
    return { code: "NoPosition" };
  }
  claimBefore(call, name, id, "Latest");
  const [victim, taker] = openPair(call, name, request.taker, [id]);
  const holding = holdingOf(victim, id);
  const obstacle = obstacleTo(victim, holding);
  const isFirst =
    request.taker === BACKSTOP && (isInventory || mayBid(call, victim, holding) === null);
  const headStart = isFirst ? holding.book.terms.auctionSeconds : 0n;
  const plan: TakePlan =
    obstacle !== null
      ? refusedTake(obstacle)
      : isInventory
        ? planInventory(call, holding, maxSize, headStart)
        : planTake(call, victim, holding, maxSize, headStart);
  if (!takes(plan)) {
    skip(plan);
    return plan;
  }
  requireLimit(holding, plan.price, request.limitPrice);
  const reduces = transfer(call, victim, holding, taker, plan);
  closeTaker(call, taker, reduces);
  if (!isInventory) {
    updateMark(call, victim);
    return plan;
  }
  const isGone = size(holding.position.size) < holding.book.terms.market.lotSize;
  if (isGone && worth(holding) !== 0n) closeTaken(call, id);
  return plan;
}

/** Null where the backstop may bid for a position as if its auction were over, else why not: it is the last who asks. */
function mayBid(call: Call, work: Work, { book }: Holding): "Paced" | "NotDeep" | null {
  const { account, name } = work;
  const pause = 2n * book.terms.liquidation.windowSeconds;
  const elapsed = elapsedOf(call, name);
  const isSliced = call.now < account.slicedAt + pause && elapsed < book.terms.auctionSeconds;
  if (account.mark === null || elapsed < pause || isSliced) return "Paced";
  const { equity, required } = assess(call, work, "Maintenance");
  return (equity + graceOf(call, name)) * 3n < required * 2n ? null : "NotDeep";
}

/** See IClearingHouse.previewBackstop. */
export function planForBackstop(
  call: Call,
  name: AccountName,
  id: MarketId,
  maxSize: bigint,
): TakePlan {
  const copy = copied(call);
  const isInventory = name === systemAccountOf(id, "resolution");
  const stored = accountOf(copy, name).positions.get(id)?.size ?? 0n;
  if (stored === 0n || (isSystemAccount(name) && !isInventory)) return { code: "NoPosition" };
  claimBefore(copy, name, id, "Latest");
  const work = tryOpen(copy, name, [id], "Latest");
  if (work === undefined) return { code: "EventsPending" };
  const holding = holdingOf(work, id);
  const obstacle = obstacleTo(work, holding);
  if (obstacle !== null) return refusedTake(obstacle);
  const headStart = holding.book.terms.auctionSeconds;
  if (isInventory) return planInventory(copy, holding, maxSize, headStart);
  const plan = planTake(copy, work, holding, maxSize, headStart);
  if (!takes(plan)) return plan;
  const refusal = mayBid(copy, work, holding);
  return refusal === null ? plan : { code: refusal };
}

export function refusedTake(code: PlanCode): TakePlan {
  if (code === "Partial" || code === "Full") throw new RangeError(`${code} is no refusal`);
  return { code };
}

function requireParties(
  call: Call,
  request: { account: AccountName; taker: AccountName; expectedVersion: bigint },
): void {
  const { account, taker, expectedVersion } = request;
  if (isSystemAccount(taker)) throw new Refusal("SystemAccount", taker);
  if (taker === account) throw new Refusal("TakerIsAccount", account);
  const { version } = accountOf(call, account);
  if (expectedVersion !== 0n && version !== expectedVersion) {
    throw new Refusal("AccountChanged", account, version, expectedVersion);
  }
}

/** @param headStart {s}, for how long the auction counts as having run at least */
function planTake(
  call: Call,
  work: Work,
  holding: Holding,
  most: bigint,
  headStart: bigint,
): TakePlan {
  const { equity, required } = assess(call, work, "Maintenance");
  const state = distressOf(equity, required, graceOf(call, work.name));
  if (state !== null) return { code: state };
  const patient = patientOf(call, work, holding, equity, required);
  const share = shareOf(
    greater(headStart, elapsedOf(call, work.name)),
    holding.book.terms.auctionSeconds,
  );
  return priceTake(patient, share, wantedSize(patient, share, most));
}

function requireLimit({ position }: Holding, price: bigint, limitPrice: bigint): void {
  const isBeyond = position.size > 0n ? price > limitPrice : price < limitPrice;
  if (isBeyond) throw new Refusal("PriceBeyondLimit", price, limitPrice);
}

/** Moves what a plan takes. Returns whether it brought the taker's position nearer to zero without crossing it. */
function transfer(call: Call, victim: Work, from: Holding, taker: Work, plan: Take): boolean {
  const { id } = from.book;
  if (taker.name === poolOf(id)) throw new Refusal("SystemAccount", taker.name);
  const to = holdingOf(taker, id);
  const delta = from.position.size > 0n ? -plan.takeSize : plan.takeSize;
  pullLosses(call, victim, { acted: id });
  pullLosses(call, taker, { acted: id });
  payGain(call, taker, to);
  const held = to.position.size;
  fillPair(call, victim, from, taker, to, delta, plan.price);
  restartStanding(call, victim.account);
  victim.account.version += 1n;
  const holds = to.position.size;
  const isSameSide = holds === 0n || holds > 0n === held > 0n;
  const reduces = size(holds) < size(held) && isSameSide;
  // A position taken over as a whole may be as small as it has become.
  if (from.position.size !== 0n) requirePosition(taker, to, reduces);
  log(
    call,
    "TakenOver",
    victim.name,
    id,
    taker.name,
    delta,
    plan.price,
    plan.discount,
    plan.equity,
    plan.maintenance,
    from.position.size,
    from.position.quote,
    victim.account.cash,
    victim.account.version,
  );
  tellMatched(call, { work: taker, holding: to }, victim.name, -delta, plan.price, 0n);
  return reduces;
}

/** The taker has its deposit and its margin. */
function closeTaker(call: Call, taker: Work, reduces: boolean): void {
  if (taker.account.markets.size !== 0 && !reduces) {
    drawForCosts(call, taker, positive(call.terms.depositUsd - taker.account.deposit));
    lockDeposit(call, taker);
  }
  requireInitialMargin(call, taker);
  clearMark(call, taker.name);
}

/** See IClearingHouse.takeOverWhole; the caller may trade for the taker. */
export function takeOverWhole(call: Call, request: TakeOverWhole): void {
  const { account: name, minDiscountUsd } = request;
  requireParties(call, request);
  if (isSystemAccount(name)) throw new Refusal("SystemAccount", name);
  const ids = marketsOf(accountOf(call, name));
  for (const id of ids) claimBefore(call, name, id, "Latest");
  const [victim, taker] = openPair(call, name, request.taker, ids);
  const plan = planWhole(call, victim);
  if (!("parts" in plan)) {
    log(call, "TakeOverWholeSkipped", name, planCodes[plan.code]);
    return;
  }
  const discount = plan.parts.reduce((sum, [, part]) => sum + part.discount, 0n);
  if (discount < minDiscountUsd) {
    throw new Refusal("DiscountBelowMinimum", discount, minDiscountUsd);
  }
  for (const [holding, part] of plan.parts) transfer(call, victim, holding, taker, part);
  closeTaker(call, taker, false);
  pullLosses(call, victim, "All");
  updateMark(call, victim);
}

type WholePlan =
  | { readonly parts: readonly (readonly [Holding, Take])[] }
  | { readonly code: PlanCode };

/** All positions with a valid price, each at its own bound, of an account with H < ⅓. */
function planWhole(call: Call, work: Work): WholePlan {
  const { holdings, name } = work;
  if (holdings.length === 0) return { code: "NoPosition" };
  for (const holding of holdings) {
    if (obstacleTo(work, holding) === "Halted") return { code: "Halted" };
    if (name === poolOf(holding.book.id)) return { code: "PoolUnavailable" };
  }
  const { equity, required } = assess(call, work, "Maintenance");
  const state = distressOf(equity, required, graceOf(call, name));
  if (state !== null) return { code: state };
  if (equity * 3n >= required) return { code: "NotDeep" };
  const longest = holdings.map(({ book }) => book.terms.auctionSeconds).reduce(greater);
  const share = shareOf(elapsedOf(call, name), longest);
  const parts: (readonly [Holding, Take])[] = [];
  const refusals: PlanCode[] = [];
  for (const holding of holdings) {
    const obstacle = obstacleTo(work, holding);
    const part: TakePlan =
      obstacle === null
        ? priceTake(
            patientOf(call, work, holding, equity, required),
            share,
            size(holding.position.size),
          )
        : refusedTake(obstacle);
    if (takes(part)) parts.push([holding, part]);
    else refusals.push(part.code);
  }
  if (parts.length > 0) return { parts };
  return { code: refusals.find((code) => code !== "NoPosition") ?? "NoPosition" };
}
