import { divUp, mulDivUp, positivePart } from "./fixedPoint.ts";
import { min, uint256 } from "./solidity.ts";

/** What a fill opened, for its premium. */
export interface OpenedRisk {
  /** D18{USD}, by which the position grew. */
  readonly notionalUsd: bigint;
  /** D18{USD}, initial margin of that much, by its rate alone. */
  readonly addedMarginUsd: bigint;
  /** D18{USD}, initial margin of the whole account after the fill, by the rates alone. */
  readonly marginUsd: bigint;
  /** D18{USD}, equity before the fill and what it cost. */
  readonly equityUsd: bigint;
  /** D9{1}, premium of a position opened from nothing that uses all the equity of an account in good standing. */
  readonly rateD9: bigint;
  /** {days}, for how long the account has been in good standing. */
  readonly goodDays: bigint;
}

/** {days}, after which an account is in good standing. */
export const STANDING_DAYS = 30n;

/** c counts billionths, s thirtieths. */
const UNIT = 30n * 10n ** 9n;

/** What an account's standing multiplies its premium by, in thirtieths: 90 when fresh, 30 after thirty days. */
export const standingFactor = (goodDays: bigint): bigint => 90n - 2n * min(goodDays, STANDING_DAYS);

/** ΔN·c·s·u, u being the parts of the equity that margin took before the fill and takes after it, together; at least a quarter, at most two. Rounded up. D18{USD} */
export function premiumUp(opened: OpenedRisk): bigint {
  const charged = uint256(opened.notionalUsd * opened.rateD9);
  const full = uint256(charged * standingFactor(opened.goodDays));
  const twice = uint256(2n * opened.marginUsd);
  const used = twice > opened.addedMarginUsd ? twice - opened.addedMarginUsd : 0n;
  const equity = positivePart(opened.equityUsd);
  if (used >= uint256(2n * equity)) return divUp(uint256(2n * full), UNIT);
  if (uint256(used * 4n) <= equity) return divUp(full, UNIT * 4n);
  return mulDivUp(full, used, uint256(UNIT * equity));
}
