import {
  divWadDown,
  divWadUp,
  mulWadCeil,
  mulWadDown,
  mulWadUp,
  positivePart,
  toInt,
  toUint,
  WAD,
} from "./fixedPoint.ts";
import {
  EVERYTHING,
  type Reduction,
  targetUp as reductionTargetUp,
  skewCostUp,
  targetWithinBandUp,
} from "./liquidationMath.ts";
import { divide, int256, max, min, uint256 } from "./solidity.ts";

/** How a take-over of one position is priced at one moment; see AuctionMath.sol for units, widths and the derivation. */
export interface Auction {
  readonly position: Reduction;
  readonly equityUsd: bigint;
  readonly maintenanceUsd: bigint;
  /** D18{1}, how far the auction has run. */
  readonly share: bigint;
  readonly penaltyRate: bigint;
  readonly band: bigint;
}

const D36 = 10n ** 36n;
/** D18{1} of the notional taken: no discount is larger. */
const MAX_DISCOUNT_RATE = WAD / 10n;
/** D18{1}, least weight with which a size is computed. */
const LEAST_WEIGHT = 10n ** 9n;

/** f = min(t, T₁)/T₁, rounded down. */
export const shareDown = (elapsedSeconds: bigint, durationSeconds: bigint): bigint =>
  elapsedSeconds >= durationSeconds ? WAD : divide(uint256(elapsedSeconds * WAD), durationSeconds);

/** i₀ of a take-over: the cheaper of the pool's skew now and its average, rounded down. */
export function skewCostDown(
  sizeDelta: bigint,
  skew: bigint,
  averageSkewRatio: bigint,
  skewScale: bigint,
): bigint {
  const cost = skewCostUp(sizeDelta, skew, skewScale);
  return int256(min(cost, sizeDelta < 0n ? int256(-averageSkewRatio) : averageSkewRatio) - 1n);
}

/** x*: least notional whose take-over brings the account to E′ = τ·MM′, rounded up; EVERYTHING if none does. */
export function targetUp(auction: Auction, target: bigint): bigint {
  const aim = mulWadUp(auction.maintenanceUsd, target);
  if (aim <= auction.equityUsd) return 0n;
  const { position, equityUsd, maintenanceUsd, share } = auction;
  const highestRate = mulWadUp(MAX_DISCOUNT_RATE, share);
  return min(
    min(likeLiquidationUp(auction, target), likeHealthUp(auction, target, aim)),
    reductionTargetUp(free(position), equityUsd, maintenanceUsd, target, highestRate),
  );
}

/** As a liquidation whose costs are scaled by f, each rounded up. */
function likeLiquidationUp(auction: Auction, target: bigint): bigint {
  const { position, share } = auction;
  const scaled = {
    ...position,
    poolCurvature: mulWadUp(position.poolCurvature, share),
    skewCost: mulWadCeil(position.skewCost, toInt(share)),
  };
  return targetWithinBandUp(
    scaled,
    auction.equityUsd,
    auction.maintenanceUsd,
    target,
    mulWadUp(auction.penaltyRate, share),
    mulWadDown(bandOf(auction), share),
  );
}

/** No cost and the target τ − f·H. */
function likeHealthUp(auction: Auction, target: bigint, aim: bigint): bigint {
  const health = divWadUp(auction.equityUsd, auction.maintenanceUsd);
  const weight = uint256(target - min(mulWadUp(health, auction.share), WAD));
  if (weight < LEAST_WEIGHT) return EVERYTHING;
  const maintenanceUsd = divWadUp(aim - auction.equityUsd, weight);
  return reductionTargetUp(free(auction.position), 0n, maintenanceUsd, weight, 0n);
}

/** The position without a pool to pay. */
const free = (position: Reduction): Reduction => ({
  ...position,
  poolCurvature: 0n,
  skewCost: 0n,
});

/** κ(x): what a liquidation of this notional would cost, rounded down, not below 0. */
export function liquidationCostDown(auction: Auction, notionalUsd: bigint): bigint {
  const impact = max(impactRateDown(auction.position, notionalUsd), -bandOf(auction));
  return mulWadDown(notionalUsd, toUint(toInt(auction.penaltyRate) + impact));
}

/** i₀ + x/(2KP), rounded down. */
const impactRateDown = (position: Reduction, notionalUsd: bigint): bigint =>
  int256(
    position.skewCost + toInt(uint256(uint256(position.poolCurvature - 1n) * notionalUsd) / D36),
  );

/** d(x) = f·min(H·ΔMM(x), κ(x), x/10), rounded down. */
export function discountDown(
  auction: Auction,
  notionalUsd: bigint,
  healthBudgetUsd: bigint,
): bigint {
  const highest = min(
    min(healthBudgetUsd, liquidationCostDown(auction, notionalUsd)),
    mulWadDown(notionalUsd, MAX_DISCOUNT_RATE),
  );
  return mulWadDown(highest, auction.share);
}

/** Discount on inventory of a resolution account: f·x·min(u_max, max(0, i₀ + x/(2KP))), rounded down. */
export function inventoryDiscountDown(
  position: Reduction,
  notionalUsd: bigint,
  tolerance: bigint,
  share: bigint,
): bigint {
  const rate = min(tolerance, positivePart(impactRateDown(position, notionalUsd)));
  return mulWadDown(mulWadDown(notionalUsd, rate), share);
}

/** The price at which `size` changes hands: the index, moved by the discount. */
export function priceOf(
  indexPrice: bigint,
  discountUsd: bigint,
  size: bigint,
  isLong: boolean,
): bigint {
  const distance = divWadDown(discountUsd, size);
  return isLong ? indexPrice - min(distance, indexPrice) : uint256(indexPrice + distance);
}

const bandOf = ({ band, penaltyRate }: Auction): bigint => min(band, penaltyRate);
