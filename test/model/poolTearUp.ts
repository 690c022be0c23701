import { elapsedOf } from "./auction.ts";
import { depthOf } from "./book.ts";
import { type Call, log, Refusal } from "./call.ts";
import { updateMark } from "./distress.ts";
import { tear } from "./inventory.ts";
import { claimBefore } from "./liquidate.ts";
import { graceOf, requireOpen, touchStanding } from "./marketEvents.ts";
import { lastEventOf } from "./positions.ts";
import { exact, greater, lesser, ONE, size } from "./rational.ts";
import { assess, maintenanceRateOf } from "./risk.ts";
import { distressOf } from "./slicing.ts";
import type { MarketId } from "./state.ts";
import { poolOf } from "./terms.ts";
import { type Holding, holdingOf, open } from "./work.ts";

/** See IClearingHouse.tearUpPool. */
export function tearUpPool(call: Call, id: MarketId): void {
  const name = poolOf(id);
  claimBefore(call, name, id, "Latest");
  const work = open(call, name, [id], "Latest");
  const { account } = work;
  const holding = holdingOf(work, id);
  const { book, position } = holding;
  requireOpen(book);
  const before = position.size;
  if (size(before) < book.terms.market.lotSize) throw new Refusal("PoolNotDistressed", id, 0n, 0n);
  const { equity, required } = assess(call, work, "Maintenance");
  const state = distressOf(equity, required, graceOf(call, name));
  if (state === "Bankrupt") throw new Refusal("PoolBankrupt", id, equity);
  if (state === "Healthy") throw new Refusal("PoolNotDistressed", id, equity, required);
  const untouched = lesser(call.now - account.slicedAt, elapsedOf(call, name));
  const allowedAt = call.now + 2n * book.terms.liquidation.windowSeconds - untouched;
  if (call.now < allowedAt) throw new Refusal("PoolTearUpTooEarly", id, allowedAt, call.now);
  tear(call, { work, holding }, inFractions(holding, restoringSize(holding, equity)));
  touchStanding(call, book);
  account.slicedAt = call.now;
  account.version += 1n;
  updateMark(call, work);
  log(
    call,
    "PoolTornUp",
    name,
    id,
    lastEventOf(book.market),
    position.size - before,
    equity,
    required,
    position.size,
    position.quote,
    account.cash,
    account.version,
  );
}

/** What roundings may take of equity and add to requirements. */
const DUST = 4n;

/** Least number of lots, or all, after which what stays has τ·MM within the equity: such a fill moves none. */
function restoringSize({ book, position }: Holding, equity: bigint): bigint {
  const { market, liquidation, risk } = book.terms;
  const held = size(position.size);
  const curvature = exact(risk.sizeSlope).over(exact(greater(depthOf(book), ONE)));
  const rate = maintenanceRateOf(risk);
  const covered = exact(equity - DUST).over(exact(liquidation.target));
  const isEnough = (close: bigint): boolean => {
    if (close >= held) return true;
    const n = exact(held - close).times(exact(book.price));
    return covered.isAtLeast(n.times(rate).plus(n.times(n).times(curvature)));
  };
  let [low, high] = [0n, held / market.lotSize + 1n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (isEnough(middle * market.lotSize)) high = middle;
    else low = middle;
  }
  return lesser(high * market.lotSize, held);
}

/** As many units more as a fraction of the side, rounded down, may fall short of; at most the position. */
function inFractions({ book, position }: Holding, close: bigint): bigint {
  const { longs, shorts } = book.market;
  const side = position.size > 0n ? shorts : longs;
  const shortfall = exact(side.openInterest).floor() + 2n;
  return lesser(close + shortfall, size(position.size));
}
