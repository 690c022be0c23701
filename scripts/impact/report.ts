import { formatD18 } from "../../sdk/src/amounts.ts";
import { divWadDown } from "../../sdk/src/math/fixedPoint.ts";
import {
  type AccountImpact,
  canOpen,
  isBankrupt,
  isLiquidatable,
  type Judgement,
} from "../../sdk/src/preview/impact.ts";
import type { Impact } from "./impact.ts";

type Row = Impact["accounts"][number];

/** Whether anything about an account would be different. */
const isTouched = ({ before, atOnce, later }: AccountImpact): boolean =>
  !same(before, atOnce) || !same(before, later);

const same = (a: Judgement, b: Judgement): boolean =>
  a.equityUsd === b.equityUsd &&
  a.maintenanceUsd === b.maintenanceUsd &&
  a.openingEquityUsd === b.openingEquityUsd &&
  a.initialUsd === b.initialUsd;

/** How many accounts the change would touch, and how. */
export interface ImpactCounts {
  readonly withPositions: number;
  readonly touched: number;
  /** Who could be liquidated, or would be bankrupt, and could not before: in the block of the change; and only once ramps have run. */
  readonly liquidatableAtOnce: number;
  readonly liquidatableLater: number;
  /** Who could no longer open or withdraw. */
  readonly unableAtOnce: number;
  readonly unableLater: number;
  /** Who could again do what they could not. */
  readonly relieved: number;
}

export function countsOf(accounts: readonly AccountImpact[]): ImpactCounts {
  const count = (of: (impact: AccountImpact) => boolean) => accounts.filter(of).length;
  return {
    withPositions: accounts.length,
    touched: count(isTouched),
    liquidatableAtOnce: count(({ before, atOnce }) => worsens(isFine, before, atOnce)),
    liquidatableLater: count(
      ({ before, atOnce, later }) =>
        !worsens(isFine, before, atOnce) && worsens(isFine, before, later),
    ),
    unableAtOnce: count(({ before, atOnce }) => worsens(canOpen, before, atOnce)),
    unableLater: count(
      ({ before, atOnce, later }) =>
        !worsens(canOpen, before, atOnce) && worsens(canOpen, before, later),
    ),
    relieved: count(
      ({ before, later }) => worsens(isFine, later, before) || worsens(canOpen, later, before),
    ),
  };
}

const isFine = (judgement: Judgement): boolean => !isLiquidatable(judgement);
const worsens = (is: (judgement: Judgement) => boolean, from: Judgement, to: Judgement) =>
  is(from) && !is(to);

/** D18{1}, E/MM; null where nothing is required. */
const healthOf = ({ equityUsd, maintenanceUsd }: Judgement): bigint | null => {
  if (maintenanceUsd === 0n) return null;
  return equityUsd < 0n ? 0n : divWadDown(equityUsd, maintenanceUsd);
};

/** What would happen to an account, in words. */
function outcomeOf({ before, atOnce, later }: AccountImpact): string {
  const words: string[] = [];
  if (!isBankrupt(before) && isBankrupt(atOnce)) words.push("bankrupt at once");
  else if (worsens(isFine, before, atOnce)) words.push("liquidatable at once");
  else if (worsens(isFine, before, later)) words.push("liquidatable once the ramp has run");
  else if (worsens(isFine, later, before)) words.push("no longer liquidatable");
  if (worsens(canOpen, before, atOnce)) words.push("can no longer open or withdraw");
  else if (worsens(canOpen, before, later))
    words.push("cannot open or withdraw once the ramp has run");
  else if (worsens(canOpen, later, before)) words.push("can open again");
  return words.length === 0 ? "" : words.join("; ");
}

/** How severe, to begin with the worst. */
function rankOf(impact: AccountImpact): number {
  const { before, atOnce, later } = impact;
  if (worsens(isFine, before, atOnce)) return 0;
  if (worsens(isFine, before, later)) return 1;
  if (worsens(canOpen, before, atOnce) || worsens(canOpen, before, later)) return 2;
  return isTouched(impact) ? 3 : 4;
}

/** What the command prints. */
export function impactText(impact: Impact, network: string): string {
  const { block, changes, accounts, notes } = impact;
  const counts = countsOf(accounts);
  const rows = [...accounts]
    .filter(isTouched)
    .sort((a, b) => rankOf(a) - rankOf(b) || (slackOf(a) < slackOf(b) ? -1 : 1))
    .map(cellsOf);
  return [
    `What the change would do on ${network}, at block ${block}:`,
    ...changes.flatMap(({ symbol, lines }) => lines.map((line) => `  ${symbol}  ${line}`)),
    "",
    `Accounts with positions there       ${counts.withPositions}`,
    `  touched                           ${counts.touched}`,
    `  liquidatable at once              ${counts.liquidatableAtOnce}`,
    `  liquidatable once ramps have run  ${counts.liquidatableLater}`,
    `  unable to open or withdraw        ${counts.unableAtOnce}${counts.unableLater === 0 ? "" : `, later ${counts.unableLater} more`}`,
    `  better off                        ${counts.relieved}`,
    ...(rows.length === 0 ? [] : ["", ...table([HEAD, ...rows])]),
    ...(notes.length === 0 ? [] : ["", ...notes.map((note) => `Note: ${note}`)]),
  ].join("\n");
}

const HEAD = ["account", "equity", "maintenance", "health", "initial", "free above it", ""];

/** Before → at once → later, the last only where it differs. USD with two decimals. */
function cellsOf(row: Row): string[] {
  const three = (of: (judgement: Judgement) => string): string => {
    const [before, atOnce, later] = [of(row.before), of(row.atOnce), of(row.later)];
    if (before === atOnce && atOnce === later) return before;
    return atOnce === later ? `${before} → ${atOnce}` : `${before} → ${atOnce} → ${later}`;
  };
  return [
    row.name,
    three(({ equityUsd }) => cents(equityUsd)),
    three(({ maintenanceUsd }) => cents(maintenanceUsd)),
    three((judgement) => {
      const health = healthOf(judgement);
      return health === null ? "–" : rounded(health, 4);
    }),
    three(({ initialUsd }) => cents(initialUsd)),
    three(({ openingEquityUsd, initialUsd }) => cents(openingEquityUsd - initialUsd)),
    outcomeOf(row),
  ];
}

const slackOf = ({ later }: AccountImpact): bigint => later.equityUsd - later.maintenanceUsd;

const cents = (usd: bigint): string => rounded(usd, 2);

/** A D18 with so many decimals, rounded down. */
function rounded(value: bigint, decimals: number): string {
  const unit = 10n ** BigInt(18 - decimals);
  const down = value >= 0n ? value / unit : -((-value + unit - 1n) / unit);
  const sign = down < 0n ? "-" : "";
  const digits = String(down < 0n ? -down : down).padStart(decimals + 1, "0");
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** The same as JSON: amounts are plain decimals. */
export function impactJson({ block, changes, accounts, notes }: Impact): string {
  const shown = (judgement: Judgement) => {
    const health = healthOf(judgement);
    return {
      equityUsd: formatD18(judgement.equityUsd),
      maintenanceUsd: formatD18(judgement.maintenanceUsd),
      health: health === null ? null : formatD18(health),
      openingEquityUsd: formatD18(judgement.openingEquityUsd),
      initialUsd: formatD18(judgement.initialUsd),
      isLiquidatable: isLiquidatable(judgement),
      canOpen: canOpen(judgement),
    };
  };
  const rows = accounts.map(({ name, before, atOnce, later }) => ({
    account: name,
    before: shown(before),
    atOnce: shown(atOnce),
    later: shown(later),
  }));
  const report = { block, changes, counts: countsOf(accounts), accounts: rows, notes };
  return `${JSON.stringify(report, null, 2)}\n`;
}
