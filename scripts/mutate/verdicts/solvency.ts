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
  {
    place: "ReserveVault._equityUsd",
    original: "markets & 1 != 0",
    mutated: "markets | 1 != 0",
    kind: "equivalent",
    why: "A market in which the vault is not adds nothing.",
  },
  {
    place: "ReserveVault.totalAssets",
    original: "TokenUnits.toNativeDown(_redeemableUsd(), _TOKEN_DECIMALS)",
    mutated: "TokenUnits.toNativeUp(_redeemableUsd(), _TOKEN_DECIMALS)",
    kind: "harmless",
    why: "Less than a unit of the token in a figure for displays; what is paid is worked out share by share.",
  },
  {
    place: "ReserveVault._sharesFor",
    original: "TokenUnits.toUsdDown(assets, _TOKEN_DECIMALS)",
    mutated: "TokenUnits.toUsdUp(assets, _TOKEN_DECIMALS)",
    kind: "harmless",
    why: "A unit of 1e-18 USD, with a token finer than that.",
  },
];
