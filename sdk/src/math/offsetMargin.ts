import { priceStatus } from "./codes.ts";
import { magnitude, mulWadDown, mulWadUp, positivePart } from "./fixedPoint.ts";
import type { Exposure } from "./riskEngine.ts";
import { min } from "./solidity.ts";

/** Plain margins of one account in one group of markets, N·m·ρ. D18{USD} */
export interface GroupMargins {
  readonly longUsd: bigint;
  readonly shortUsd: bigint;
  readonly maintenanceUsd: bigint;
}

/** Where a market belongs, and what is left of its group's correlation in a crash. */
export interface OffsetTerms {
  /** 0: none. */
  readonly group: bigint;
  /** D18{1}, κ. */
  readonly correlation: bigint;
}

/** What hedging needs to know of a market: D18{1} plain margin rates m·ρ beside its terms. */
export interface HedgedMarket extends OffsetTerms {
  readonly initialRate: bigint;
  readonly maintenanceRate: bigint;
}

const NOTHING: GroupMargins = { longUsd: 0n, shortUsd: 0n, maintenanceUsd: 0n };

/** `OffsetMath.offsetDown`: min( 2κ·min(L, S), ½·(L + S − M_M) ), D18{USD}, rounded down. */
export function offsetDown(
  { longUsd, shortUsd, maintenanceUsd }: GroupMargins,
  correlation: bigint,
): bigint {
  const hedged = mulWadDown(2n * min(longUsd, shortUsd), correlation);
  return min(hedged, positivePart(longUsd + shortUsd - maintenanceUsd) / 2n);
}

/** `OffsetRiskEngine.offsetOf`: by how much hedges lower the initial margin of an account. D18{USD}, rounded down. */
export function offsetOf(
  exposures: readonly Exposure[],
  marketOf: (market: bigint) => HedgedMarket | null,
): bigint {
  const groups = new Map<
    bigint,
    { readonly margins: GroupMargins; readonly correlation: bigint }
  >();
  for (const exposure of exposures) {
    const market = counts(exposure) ? marketOf(exposure.market) : null;
    if (market === null || market.group === 0n) continue;
    const margins = groups.get(market.group)?.margins ?? NOTHING;
    groups.set(market.group, {
      margins: withExposure(margins, exposure, market),
      correlation: market.correlation,
    });
  }
  return [...groups.values()].reduce(
    (sum, { margins, correlation }) => sum + offsetDown(margins, correlation),
    0n,
  );
}

function withExposure(
  { longUsd, shortUsd, maintenanceUsd }: GroupMargins,
  { size, price }: Exposure,
  { initialRate, maintenanceRate }: HedgedMarket,
): GroupMargins {
  const held = magnitude(size);
  const marginUsd = mulWadDown(mulWadDown(held, price), initialRate);
  return {
    longUsd: longUsd + (size > 0n ? marginUsd : 0n),
    shortUsd: shortUsd + (size > 0n ? 0n : marginUsd),
    maintenanceUsd: maintenanceUsd + mulWadUp(mulWadUp(held, price), maintenanceRate),
  };
}

/** Only while what a position is worth is beyond doubt. */
const counts = ({ status, lossPending, coverageLow }: Exposure): boolean =>
  status === priceStatus.Valid && !lossPending && !coverageLow;
