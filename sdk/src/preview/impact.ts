import type { AccountId } from "../accountId.ts";
import { marginKind, priceStatus } from "../math/codes.ts";
import { mulWadFloor } from "../math/fixedPoint.ts";
import {
  askedMultiplier,
  maintenanceMultiplier,
  targetMultiplier,
  type VolatilityTerms,
} from "../math/marginMultiplier.ts";
import { openInterestUsdOf } from "../math/markets.ts";
import {
  type ActingMultipliers,
  assess,
  type Exposure,
  type JudgedTerms,
  type Portfolio,
  type RiskTerms,
  type RiskTermsOf,
} from "../math/riskEngine.ts";
import { depthUsd } from "../math/skewMath.ts";
import { max, min } from "../math/solidity.ts";
import type { Variances } from "../math/volatilityMath.ts";
import { type MarketReport, PreviewError } from "./snapshot.ts";

/** D18{1}, one unit of a stored rate. */
const STEP = 10n ** 9n;

/** An account before a change: as `portfolioOf` of the house gathers it, for both requirements at one block. */
export interface ImpactAccount {
  readonly account: AccountId;
  readonly maintenance: Portfolio;
  readonly initial: Portfolio;
}

/** A market before and after a change. */
export interface ImpactMarket {
  readonly report: MarketReport;
  /** As they act at that block. */
  readonly before: JudgedTerms;
  /** As they act in the block of the change. */
  readonly atOnce: JudgedTerms;
  /** As they act once maintenance margin has followed, volatility and regime staying what they are. */
  readonly later: JudgedTerms;
  /** D18{base}, K after the change. */
  readonly skewScale: bigint;
  /** D18{USD/base}, what is believed after the change, taken for valid; null: as before. */
  readonly price: bigint | null;
}

/** How an account is judged. D18{USD} */
export interface Judgement {
  readonly equityUsd: bigint;
  readonly maintenanceUsd: bigint;
  /** Equity for opening and withdrawing: gains as far as they have matured. */
  readonly openingEquityUsd: bigint;
  readonly initialUsd: bigint;
}

/** One account's judgements around a change. */
export interface AccountImpact {
  readonly account: AccountId;
  readonly before: Judgement;
  readonly atOnce: Judgement;
  readonly later: Judgement;
}

export const isBankrupt = ({ equityUsd }: Judgement): boolean => equityUsd < 0n;

/** Below maintenance margin: it may be liquidated, or resolved. */
export const isLiquidatable = ({ equityUsd, maintenanceUsd }: Judgement): boolean =>
  equityUsd < maintenanceUsd;

/** At initial margin: it may open and withdraw. */
export const canOpen = ({ openingEquityUsd, initialUsd }: Judgement): boolean =>
  openingEquityUsd >= initialUsd;

/** What a change would do to accounts that hold positions, at the reported prices or at those that come with the change. */
export function previewImpact(
  accounts: readonly ImpactAccount[],
  markets: ReadonlyMap<bigint, ImpactMarket>,
): AccountImpact[] {
  const termsOf =
    (when: "before" | "atOnce" | "later"): RiskTermsOf =>
    (market) =>
      marketOf(markets, market)[when];
  return accounts.map(({ account, maintenance, initial }) => {
    const [changedMaintenance, changedInitial] = [maintenance, initial].map((portfolio) => ({
      ...portfolio,
      exposures: portfolio.exposures.map((exposure) => changed(exposure, markets)),
    }));
    if (changedMaintenance === undefined || changedInitial === undefined) throw new Error();
    return {
      account,
      before: judge(maintenance, initial, termsOf("before")),
      atOnce: judge(changedMaintenance, changedInitial, termsOf("atOnce")),
      later: judge(changedMaintenance, changedInitial, termsOf("later")),
    };
  });
}

function judge(maintenance: Portfolio, initial: Portfolio, termsOf: RiskTermsOf): Judgement {
  const held = assess(maintenance, marginKind.Maintenance, termsOf);
  const opening = assess(initial, marginKind.Initial, termsOf);
  return {
    equityUsd: held.equityUsd,
    maintenanceUsd: held.requiredUsd,
    openingEquityUsd: opening.equityUsd,
    initialUsd: opening.requiredUsd,
  };
}

/** A position under another K, or another price: its value to a unit. */
function changed(exposure: Exposure, markets: ReadonlyMap<bigint, ImpactMarket>): Exposure {
  const { report, skewScale, price } = marketOf(markets, exposure.market);
  if (price === null && skewScale === report.terms.skewScale) return exposure;
  const newPrice = price ?? exposure.price;
  return {
    ...exposure,
    status: price === null ? exposure.status : priceStatus.Valid,
    price: newPrice,
    valueUsd: exposure.valueUsd + mulWadFloor(exposure.size, newPrice - exposure.price),
    depthUsd: depthUsd(skewScale, newPrice),
    openInterestUsd: openInterestUsdOf(report.state, newPrice),
  };
}

function marketOf(markets: ReadonlyMap<bigint, ImpactMarket>, market: bigint): ImpactMarket {
  const found = markets.get(market);
  if (found === undefined) throw new PreviewError(`There is no report of market ${market}`);
  return found;
}

/** How a market's margins follow, before or after a change. */
export interface Following {
  readonly horizonSeconds: bigint;
  readonly deviations: bigint;
}

/** What new multipliers come from. */
export interface MultipliersInput {
  /** The engine's `multipliersOf` the market; `refreshedAt` 0: its margins follow nothing. */
  readonly multipliers: ActingMultipliers & {
    readonly regime: bigint;
    readonly refreshedAt: bigint;
  };
  readonly oldTerms: RiskTerms;
  readonly newTerms: RiskTerms;
  /** After the change. */
  readonly following: Following;
  readonly variances: Variances;
  /** D18{1}, volatility a year that a feed implies; 0: none. */
  readonly implied: bigint;
}

/** Multipliers in the block of a change of risk terms or of what margins follow, and once the ramp has run: maintenance margin goes on from the rate that acted. */
export function changedMultipliers(input: MultipliersInput): {
  readonly atOnce: ActingMultipliers;
  readonly later: ActingMultipliers;
} {
  const { multipliers, oldTerms, newTerms, following, variances, implied } = input;
  if (multipliers.refreshedAt === 0n) {
    const { multiplier } = newTerms;
    const still = { initial: multiplier, refreshed: multiplier, maintenance: multiplier };
    return { atOnce: still, later: still };
  }
  const terms: VolatilityTerms = { ...following, ...newTerms };
  const asked = askedMultiplier(variances, terms, implied);
  const target = targetMultiplier(asked, multipliers.regime, terms);
  const rate = (multipliers.maintenance / STEP) * (oldTerms.maintenanceMargin / STEP);
  const kept = (rate / (newTerms.maintenanceMargin / STEP)) * STEP;
  // Nothing goes beyond what makes a margin of the whole notional.
  const highest = targetMultiplier(4n * 10n ** 18n, 10n ** 18n, terms);
  const pace = { asked, acting: min(kept, highest), refreshedAt: 0n };
  const maintenance = maintenanceMultiplier(pace, target, 0n);
  const initial = max(target, maintenance);
  return {
    atOnce: { initial, refreshed: initial, maintenance },
    later: { initial: target, refreshed: target, maintenance: target },
  };
}
