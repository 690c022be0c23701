import { readFile } from "node:fs/promises";
import { AmountError, parseD18 } from "../../../sdk/src/amounts.ts";
import { InputError } from "../input-error.ts";
import { parseCsvLine } from "./csv-line.ts";
import { parseTimestamp } from "./timestamp.ts";
import { STEPS_PER_BAR } from "./walk.ts";

/** One bar of a price file; prices are D18{USD/base}. */
export interface OhlcBar {
  /** {s} Unix time of the open. */
  readonly timestamp: bigint;
  readonly open: bigint;
  readonly high: bigint;
  readonly low: bigint;
  readonly close: bigint;
}

/** A whole price file: bars in time order, evenly spaced. */
export interface OhlcSeries {
  readonly bars: readonly OhlcBar[];
  /** {s} From one bar to the next. */
  readonly intervalSeconds: bigint;
}

/** A price file that cannot be played, and where it fails. */
export class PriceFileError extends InputError {
  override readonly name = "PriceFileError";
  readonly file: string;
  /** Line of the file, the header being 1; null when the file as a whole is meant. */
  readonly line: number | null;
  readonly reason: string;

  constructor(at: { file: string; line: number | null; reason: string }, options?: ErrorOptions) {
    super(`${at.file}${at.line === null ? "" : `, line ${at.line}`}: ${at.reason}`, options);
    this.file = at.file;
    this.line = at.line;
    this.reason = at.reason;
  }
}

type Fail = (reason: string) => never;
type PriceColumn = (typeof PRICE_COLUMNS)[number];
type Columns = Readonly<Record<PriceColumn | "time", number>>;

const PRICE_COLUMNS = ["open", "high", "low", "close"] as const;
const TIME_COLUMNS: readonly string[] = ["unix", "timestamp"];

/** Reads and checks a price file. */
export async function readOhlcFile(file: string): Promise<OhlcSeries> {
  const fail: Fail = (reason) => {
    throw new PriceFileError({ file, line: null, reason });
  };
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    const reason = unreadableReason(cause);
    throw new PriceFileError({ file, line: null, reason }, { cause });
  }
  let text = "";
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    fail("is not UTF-8 text; save it as a UTF-8 CSV file");
  }
  return parseOhlc({ file, text });
}

/** Checks and reads the text of a price file; `file` only names it in errors. */
export function parseOhlc({ file, text }: { file: string; text: string }): OhlcSeries {
  const failAt =
    (line: number | null): Fail =>
    (reason) => {
      throw new PriceFileError({ file, line, reason });
    };
  const lines = text
    .replace(/^\uFEFF/, "")
    .trimEnd()
    .split(/\r\n|\n|\r/);
  const [header = "", ...rows] = lines;
  if (lines.join("").trim() === "") failAt(null)("is empty");
  const headerFields = parseCsvLine(header, failAt(1));
  const columns = findColumns(headerFields, failAt(1));
  if (rows.length === 0) failAt(null)("has a header but no rows");
  if (rows.length === 1)
    failAt(2)("is the only row; at least two are needed to know how long a bar is");

  const bars = rows.map((row, index) =>
    parseBar({ row, columns, fieldCount: headerFields.length }, failAt(index + 2)),
  );
  const failAtBar = (index: number) => failAt(index + 2);
  checkOrder(bars, failAtBar);
  return { bars, intervalSeconds: evenInterval(bars, failAtBar) };
}

function unreadableReason(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EISDIR") return "is a folder, not a file";
  if (code === "EACCES") return "may not be read (permission denied)";
  return `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
}

function findColumns(header: readonly string[], fail: Fail): Columns {
  const names = header.map((name) => name.toLowerCase());
  const time = TIME_COLUMNS.find((name) => names.includes(name)) ?? "unix";
  const missing = [time, ...PRICE_COLUMNS].filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const wanted = missing.map((name) =>
      name === "unix" ? "`unix` (or `timestamp`)" : `\`${name}\``,
    );
    fail(`the header lacks ${wanted.join(", ")}; it reads "${header.join(",")}"`);
  }
  const twice = [time, ...PRICE_COLUMNS].find(
    (name) => names.indexOf(name) !== names.lastIndexOf(name),
  );
  if (twice !== undefined) fail(`the header names \`${twice}\` twice`);
  return {
    time: names.indexOf(time),
    open: names.indexOf("open"),
    high: names.indexOf("high"),
    low: names.indexOf("low"),
    close: names.indexOf("close"),
  };
}

function parseBar(
  { row, columns, fieldCount }: { row: string; columns: Columns; fieldCount: number },
  fail: Fail,
): OhlcBar {
  if (row.trim() === "") fail("is blank");
  const fields = parseCsvLine(row, fail);
  if (fields.length !== fieldCount) {
    fail(`has ${fields.length} fields where the header has ${fieldCount}`);
  }
  const price = (column: PriceColumn) =>
    parsePrice({ column, text: fields[columns[column]] ?? "" }, fail);
  const bar = {
    timestamp: parseTimestamp(fields[columns.time] ?? "", fail),
    open: price("open"),
    high: price("high"),
    low: price("low"),
    close: price("close"),
  };
  checkShape({ bar, text: (column) => fields[columns[column]] ?? "" }, fail);
  return bar;
}

function parsePrice({ column, text }: { column: PriceColumn; text: string }, fail: Fail): bigint {
  let price = 0n;
  try {
    price = parseD18(text);
  } catch (error) {
    if (!(error instanceof AmountError)) throw error;
    fail(`${column} ${text === "" ? "is missing" : error.message}`);
  }
  if (price <= 0n) fail(`${column} is ${text}, but a price must be above zero`);
  return price;
}

function checkShape(
  { bar, text }: { bar: OhlcBar; text: (column: PriceColumn) => string },
  fail: Fail,
): void {
  if (bar.high < bar.low) fail(`high ${text("high")} is below low ${text("low")}`);
  for (const column of ["open", "close"] as const) {
    if (bar[column] < bar.low || bar[column] > bar.high) {
      fail(`${column} ${text(column)} is outside low ${text("low")} … high ${text("high")}`);
    }
  }
}

function checkOrder(bars: readonly OhlcBar[], failAtBar: (index: number) => Fail): void {
  intervals(bars).forEach((seconds, index) => {
    if (seconds === 0n)
      failAtBar(index + 1)("has the same time as the row above; remove the duplicate");
    if (seconds < 0n) {
      failAtBar(index + 1)(
        `is ${formatSeconds(-seconds)} before the row above; rows must be sorted, oldest first`,
      );
    }
  });
}

/** The interval most rows have; a row that keeps another one leaves a gap. */
function evenInterval(bars: readonly OhlcBar[], failAtBar: (index: number) => Fail): bigint {
  const all = intervals(bars);
  const counts = new Map<bigint, number>();
  for (const seconds of all) counts.set(seconds, (counts.get(seconds) ?? 0) + 1);
  const [[usual] = [0n]] = [...counts].sort(
    ([a, times], [b, others]) => others - times || Number(a - b),
  );
  all.forEach((seconds, index) => {
    if (seconds !== usual) failAtBar(index + 1)(gapReason({ seconds, usual }));
  });
  if (usual < STEPS_PER_BAR) {
    failAtBar(1)(
      `rows are ${formatSeconds(usual)} apart; each is played in ${STEPS_PER_BAR} steps of whole seconds, so bars of ` +
        `${STEPS_PER_BAR} s or longer are needed`,
    );
  }
  return usual;
}

function gapReason({ seconds, usual }: { seconds: bigint; usual: bigint }): string {
  const found = `is ${formatSeconds(seconds)} after the row above where rows are ${formatSeconds(usual)} apart`;
  if (seconds % usual !== 0n) return found;
  const missing = seconds / usual - 1n;
  return `${found}: ${missing} ${missing === 1n ? "row is" : "rows are"} missing before it`;
}

function intervals(bars: readonly OhlcBar[]): bigint[] {
  return bars
    .slice(1)
    .map((bar, index) => bar.timestamp - (bars[index]?.timestamp ?? bar.timestamp));
}

function formatSeconds(seconds: bigint): string {
  for (const [unit, length] of [
    ["d", 86_400n],
    ["h", 3_600n],
    ["min", 60n],
  ] as const) {
    if (seconds % length === 0n) return `${seconds / length} ${unit}`;
  }
  return `${seconds} s`;
}
