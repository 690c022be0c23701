// Short texts of the chart.

const MAGNITUDES = [
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

/** `$1.25M`, `$130k`, `$0.5`: at most four digits. */
export function shortUsd(amountUsd: number): string {
  return `${amountUsd < 0 ? "−" : ""}$${short(Math.abs(amountUsd))}`;
}

/** `$5,700`, `$112.5`: as prices are quoted. */
export function priceUsd(price: number): string {
  if (price >= 1_000) return `$${Math.round(price).toLocaleString("en-US")}`;
  return `$${trimmed(price, price >= 1 ? 2 : 8)}`;
}

/** `−40 %`, `0 %`, `+5 %`, of a share of change. */
export function signedPercent(share: number): string {
  const percent = Number((share * 100).toFixed(1));
  return `${percent < 0 ? "−" : percent > 0 ? "+" : ""}${Math.abs(percent)} %`;
}

export function wholeNumber(count: number): string {
  return count.toLocaleString("en-US");
}

const HOURS = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "UTC",
});
const DAYS = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** `10:30`, or `13 Mar` at midnight. */
export function clockLabel(seconds: number): string {
  return seconds % 86_400 === 0 ? DAYS.format(seconds * 1000) : HOURS.format(seconds * 1000);
}

/** `12 Mar, 10:30 UTC`. */
export function momentLabel(seconds: number): string {
  return `${DAYS.format(seconds * 1000)}, ${HOURS.format(seconds * 1000)} UTC`;
}

function short(magnitude: number): string {
  const [size, letter] = MAGNITUDES.find(([limit]) => magnitude >= limit * 0.9999) ?? [1, ""];
  const scaled = magnitude / size;
  return `${trimmed(scaled, scaled >= 100 ? 0 : scaled >= 10 ? 1 : 2)}${letter}`;
}

function trimmed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
