import { powerOfTen, uint256 } from "./solidity.ts";

/** D18{USD} of a native amount, rounded down; exact for tokens of up to 18 decimals. */
export const toUsdDown = (amountNative: bigint, decimals: bigint): bigint =>
  decimals > 18n
    ? amountNative / powerOfTen(decimals - 18n)
    : uint256(amountNative * powerOfTen(18n - decimals));

/** Native amount of a D18{USD}, rounded down; exact for tokens of 18 decimals or more. */
export const toNativeDown = (amountUsd: bigint, decimals: bigint): bigint =>
  decimals > 18n
    ? uint256(amountUsd * powerOfTen(decimals - 18n))
    : amountUsd / powerOfTen(18n - decimals);
