/** One in D18, the fixed point of every amount, price, size and ratio inside the contracts. */
export const ONE = 10n ** 18n;

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** A text that is not a number of the given decimals. */
export class AmountError extends Error {
  override readonly name = "AmountError";
}

/** Reads a plain decimal number ("-12.5") as an integer of `decimals` decimals. Excess decimals are refused, never rounded. */
export function parseDecimal(text: string, decimals: number): bigint {
  const match = DECIMAL.exec(text.trim());
  if (match === null) {
    throw new AmountError(`"${text}" is not a decimal number; write it like 1234.5`);
  }
  const [, sign = "", whole = "", fraction = ""] = match;
  if (fraction.length > decimals) {
    throw new AmountError(
      `"${text}" has ${fraction.length} decimals; at most ${decimals} can be represented`,
    );
  }
  const magnitude = BigInt(whole + fraction.padEnd(decimals, "0"));
  return sign === "-" ? -magnitude : magnitude;
}

/** Writes an integer of `decimals` decimals as the shortest exact decimal number. */
export function formatDecimal(value: bigint, decimals: number): string {
  const sign = value < 0n ? "-" : "";
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return sign + whole + (fraction === "" ? "" : `.${fraction}`);
}

/** Reads a decimal number as D18. */
export function parseD18(text: string): bigint {
  return parseDecimal(text, 18);
}

/** Writes a D18 as the shortest exact decimal number. */
export function formatD18(value: bigint): string {
  return formatDecimal(value, 18);
}

/** D18 of a native token amount, rounded down where the token has more than 18 decimals, as the house credits it. */
export function d18FromNativeFloor(amountNative: bigint, tokenDecimals: number): bigint {
  return tokenDecimals <= 18
    ? amountNative * 10n ** BigInt(18 - tokenDecimals)
    : amountNative / 10n ** BigInt(tokenDecimals - 18);
}

/** Native token amount of a D18. An amount the token cannot represent is refused, never rounded. */
export function nativeFromD18(amountUsd: bigint, tokenDecimals: number): bigint {
  if (tokenDecimals >= 18) return amountUsd * 10n ** BigInt(tokenDecimals - 18);
  const unit = 10n ** BigInt(18 - tokenDecimals);
  if (amountUsd % unit !== 0n) {
    throw new AmountError(
      `${formatD18(amountUsd)} needs more than the token's ${tokenDecimals} decimals`,
    );
  }
  return amountUsd / unit;
}
