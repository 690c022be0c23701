import type { Result } from "../abi.ts";
import type { lossWaterfallAbi } from "../abis/LossWaterfall.ts";
import { mulWadDown, WAD } from "./fixedPoint.ts";
import { min } from "./solidity.ts";

/** Who pays for what a default leaves open, in this order, by the number the contracts know them by. */
export const TIERS = { tranche: 0n, fund: 1n, protocol: 2n, backstop: 3n } as const;
export type TierName = keyof typeof TIERS;

/** Those within caps. */
export const CAPPED_TIERS = ["fund", "protocol", "backstop"] as const;
export type CappedTier = (typeof CAPPED_TIERS)[number];

/** What one tier may pay. */
export interface TierLimits {
  /** D18{USD}, what it has now. */
  readonly cashUsd: bigint;
  /** Of the market: `tierTermsOf`. */
  readonly terms: Result<typeof lossWaterfallAbi, "tierTermsOf">;
  /** D18{1}, of all markets. */
  readonly houseEpochCap: bigint;
  /** The present epoch of the tier in the market: `epochOf`. */
  readonly epoch: Result<typeof lossWaterfallAbi, "epochOf">;
}

export interface Waterfall {
  /** D18{USD}, the tranche's cash. */
  readonly trancheUsd: bigint;
  /** D18{1}, θ. */
  readonly coinsurance: bigint;
  readonly tiers: Readonly<Record<CappedTier, TierLimits>>;
}

/** D18{USD} What each tier pays towards a deficit: LossWaterfall._plan. Rounded down. */
export function coverOf(deficitUsd: bigint, waterfall: Waterfall): Record<TierName, bigint> {
  const tranche = min(deficitUsd, waterfall.trancheUsd);
  let rest = mulWadDown(deficitUsd - tranche, WAD - waterfall.coinsurance);
  const pay = (tier: CappedTier): bigint => {
    const paid = min(rest, mostOf(waterfall.tiers[tier]));
    rest -= paid;
    return paid;
  };
  return { tranche, fund: pay("fund"), protocol: pay("protocol"), backstop: pay("backstop") };
}

/** D18{USD} What a tier's cash and caps allow. */
export function mostOf({ cashUsd, terms, houseEpochCap, epoch }: TierLimits): bigint {
  const epochCashUsd = cashUsd + epoch.paidUsd;
  const limits = [
    mulWadDown(cashUsd, terms.eventCap),
    left(mulWadDown(epochCashUsd, terms.epochCap), epoch.marketPaidUsd),
    left(mulWadDown(epochCashUsd, houseEpochCap), epoch.paidUsd),
  ];
  return limits.reduce(min, cashUsd);
}

/** How a tranche's inflow is split: LossTiers._splitOf. D18{USD}, rounded down; the rest stays. */
export function splitOf(
  cashUsd: bigint,
  retainedUsd: bigint,
  split: Result<typeof lossWaterfallAbi, "splitTermsOf">,
): { readonly toFundUsd: bigint; readonly toProtocolUsd: bigint } {
  if (cashUsd <= retainedUsd) return { toFundUsd: 0n, toProtocolUsd: 0n };
  const inflow = cashUsd - retainedUsd;
  const toFundUsd = min(mulWadDown(inflow, split.fund), inflow);
  return {
    toFundUsd,
    toProtocolUsd: min(mulWadDown(inflow, split.protocol), inflow - toFundUsd),
  };
}

/** What a cap leaves; nothing when it was lowered below what has been paid. */
function left(capUsd: bigint, paidUsd: bigint): bigint {
  return capUsd > paidUsd ? capUsd - paidUsd : 0n;
}
