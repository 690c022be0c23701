// D18 numbers for people: rounded, grouped, in dollars.

import { ONE } from "../../sdk/src/amounts.ts";
import { magnitude } from "../../sdk/src/math/fixedPoint.ts";

/** Decimal text with exactly `decimals` digits after the point; rounded half away from zero. */
export function formatNearest(valueD18: bigint, decimals: number): string {
  const unit = ONE / 10n ** BigInt(decimals);
  const units = (magnitude(valueD18) + unit / 2n) / unit;
  return unitsText({ negative: valueD18 < 0n, units, decimals });
}

/** As `formatNearest`, but rounded away from zero: what is not zero never reads as zero. */
export function formatOutward(valueD18: bigint, decimals: number): string {
  const unit = ONE / 10n ** BigInt(decimals);
  const units = (magnitude(valueD18) + unit - 1n) / unit;
  return unitsText({ negative: valueD18 < 0n, units, decimals });
}

/** `$1,234,567.89`, `−$0.50`; rounded half away from zero. */
export function formatUsd(valueD18: bigint, decimals = 2): string {
  return dollars(formatNearest(valueD18, decimals));
}

/** `-1234.50` → `−$1,234.50`. */
export function dollars(decimalText: string): string {
  return decimalText.startsWith("-")
    ? `−$${grouped(decimalText.slice(1))}`
    : `$${grouped(decimalText)}`;
}

/** {s} `5400` → `1 h 30 min`. */
export function durationText(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3_600), "h"],
    [Math.floor((seconds % 3_600) / 60), "min"],
    [seconds % 60, "s"],
  ] as const;
  const shown = parts.filter(([amount]) => amount > 0);
  return shown.length === 0 ? "0 s" : shown.map(([amount, unit]) => `${amount} ${unit}`).join(" ");
}

/** `1234567.8` → `1,234,567.8`. */
export function grouped(decimalText: string): string {
  const [whole = "", fraction] = decimalText.split(".");
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}

function unitsText(value: { negative: boolean; units: bigint; decimals: number }): string {
  const digits = value.units.toString().padStart(value.decimals + 1, "0");
  const sign = value.negative && value.units !== 0n ? "-" : "";
  if (value.decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -value.decimals)}.${digits.slice(-value.decimals)}`;
}
