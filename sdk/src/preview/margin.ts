import { marginKind } from "../math/codes.ts";
import { divWadDown } from "../math/fixedPoint.ts";
import { type Assessment, assess, type RiskTermsOf } from "../math/riskEngine.ts";
import { MAX_UINT256 } from "../math/solidity.ts";
import { portfolioOf, type Snapshot } from "./snapshot.ts";

/** The maintenance side of an account. `health` D18{1} is E/MM as the Lens reports it. */
export interface MarginPreview extends Assessment {
  readonly health: bigint;
}

/** Equity and maintenance margin, at the snapshot's prices or at assumed ones. */
export function previewMargin(snapshot: Snapshot, riskTermsOf: RiskTermsOf): MarginPreview {
  const assessed = assess(portfolioOf(snapshot), marginKind.Maintenance, riskTermsOf);
  const { equityUsd, requiredUsd } = assessed;
  if (equityUsd < 0n) return { ...assessed, health: 0n };
  const health = requiredUsd === 0n ? MAX_UINT256 : divWadDown(equityUsd, requiredUsd);
  return { ...assessed, health };
}
