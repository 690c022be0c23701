import { mulWadDown, mulWadUp } from "../sdk/src/math/fixedPoint.ts";
import {
  type MarketParameters,
  type Parameters,
  RISK_PARAMETERS,
  type RiskParameterName,
} from "../sdk/src/parameters.ts";

/** `IRiskSteward.Limits`. A type, not an interface: calls take it as it is. */
export type StewardLimits = {
  readonly lowest: bigint;
  readonly highest: bigint;
  readonly stepUp: bigint;
  readonly stepDown: bigint;
  readonly cooldownSeconds: bigint;
};

export const NO_LIMITS: StewardLimits = {
  lowest: 0n,
  highest: 0n,
  stepUp: 0n,
  stepDown: 0n,
  cooldownSeconds: 0n,
};

/** What a market begins with, in the contracts' units; nothing where its margins stand still. */
export function riskParametersOf({
  risk,
  cover,
  adaptive,
  terms,
  liquidation,
  auctions,
}: MarketParameters): Partial<Record<RiskParameterName, bigint>> {
  const { windowSeconds, ...liquidated } = liquidation;
  const { coverageTarget, bootstrapUsd, concentrationMove } = cover;
  const following =
    adaptive === null
      ? {}
      : {
          horizonSeconds: BigInt(adaptive.horizonSeconds),
          deviations: adaptive.deviations,
          macroCap: adaptive.regimeCaps.macro,
          correlationCap: adaptive.regimeCaps.correlation,
          congestionCap: adaptive.regimeCaps.congestion,
          clusterCap: adaptive.regimeCaps.cluster,
        };
  return {
    ...risk,
    coverageTarget,
    bootstrapUsd,
    concentrationMove,
    ...following,
    exposureCap: terms.exposureCap,
    ...liquidated,
    windowSeconds: BigInt(windowSeconds),
    auctionSeconds: BigInt(auctions.durationSeconds),
  };
}

/** The limits of a market's parameters: shares of what it begins with, the corridor rounded inwards. */
export function stewardLimitsOf(
  market: MarketParameters,
  steward: Parameters["steward"],
): {
  readonly name: RiskParameterName;
  readonly parameter: number;
  readonly limits: StewardLimits;
}[] {
  const values = riskParametersOf(market);
  return RISK_PARAMETERS.flatMap((name, parameter) => {
    const [value, chosen] = [values[name], steward[name]];
    if (value === undefined || chosen === undefined) return [];
    const limits = {
      lowest: mulWadUp(value, chosen.lowest),
      highest: mulWadDown(value, chosen.highest),
      stepUp: chosen.stepUp,
      stepDown: chosen.stepDown,
      cooldownSeconds: BigInt(chosen.cooldownSeconds),
    };
    return [{ name, parameter, limits }];
  });
}
