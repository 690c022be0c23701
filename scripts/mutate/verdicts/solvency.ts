import type { Verdict } from "./verdict.ts";

/** Of buffers and their vaults. */
export const solvencyVerdicts: readonly Verdict[] = [
  {
    place: "ReserveVault.maxMint",
    original: "TokenUnits.toNativeDown(_maxDepositUsd(depositor), _TOKEN_DECIMALS)",
    mutated: "TokenUnits.toNativeUp(_maxDepositUsd(depositor), _TOKEN_DECIMALS)",
    kind: "harmless",
    why: "Less than a unit of the token, below the highest equity of a billion USD.",
  },
  {
    place: "ReserveVault._roomUsd",
    original: "equityUsd < HIGHEST_EQUITY_USD",
    mutated: "equityUsd <= HIGHEST_EQUITY_USD",
    kind: "equivalent",
    why: "Where both are equal the difference is 0.",
  },
  {
    place: "ReserveVault._redeemableShares",
    original: "shares == 0 || !_isNoLossInSight(HOUSE)",
    mutated: "shares == (0 + 1) || !_isNoLossInSight(HOUSE)",
    kind: "harmless",
    why: "A single share of 1e-18 is worth no unit of any token.",
  },
];
