import { decodeBytes32String, type ErrorDescription, Interface, isHexString } from "ethers";
import { enums } from "./abis/enums.ts";
import { errorsAbi } from "./abis/errors.ts";
import { describeAccount } from "./accountId.ts";
import { formatD18, formatDecimal } from "./amounts.ts";
import { docsAnchorOf, hintOf } from "./errorRemedies.ts";
import { errorSentences } from "./errorSentences.ts";

/** What an error means, what to do about it, and where the docs go on, from their folder. The last two are known of contracts' refusals only. */
export interface Explanation {
  readonly sentence: string;
  readonly hint?: string;
  readonly anchor?: string;
}

/** A contract's refusal: its name, its values as written in the sentence, and what is to be known of it. */
export interface ContractError extends Required<Explanation> {
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
}

/** How a market's number is written: clients with a manifest say its symbol. */
export type MarketNames = (market: bigint) => string;

const PANICS: Readonly<Record<string, string>> = {
  "1": "an assertion failed",
  "17": "a number left its range",
  "18": "a division by zero",
  "33": "a number that is no member of its enum",
  "49": "an empty list was shortened",
  "50": "an index beyond the end of a list",
};

const coder = new Interface(errorsAbi);

interface Input {
  readonly name: string;
  readonly type: string;
  readonly internalType: string;
}

/** Arguments as the contracts declare them; ethers keeps no user-defined types. Errors are unique by name across the contracts. */
const declaredInputs = new Map<string, readonly Input[]>(
  errorsAbi.map((entry) => [entry.name, entry.inputs]),
);

/** Says what revert data means; undefined for data of no error known here. */
export function decodeRevert(
  data: string,
  nameOf: MarketNames = String,
): ContractError | undefined {
  const error = isHexString(data) && data.length >= 10 ? coder.parseError(data) : null;
  if (error === null) return undefined;
  if (error.signature === "Error(string)") {
    return explained("Error", {}, String(error.args[0]));
  }
  if (error.signature === "Panic(uint256)") {
    const code = String(error.args[0]);
    return explained("Panic", { code }, `Panic: ${PANICS[code] ?? `code ${code}`}`);
  }
  const inputs = declaredInputs.get(error.name) ?? [];
  const values = Object.fromEntries(
    inputs.map((input) => [input.name, write(error, input, unitOf(input), nameOf)]),
  );
  return explained(error.name, values, sentenceOf(error, inputs, nameOf));
}

function explained(
  name: string,
  values: Readonly<Record<string, string>>,
  sentence: string,
): ContractError {
  return { name, values, sentence, hint: hintOf(name), anchor: docsAnchorOf(name) };
}

/** Says what an error thrown by a call or a transaction means, as exactly as can be known, and what to do about it. */
export function explainError(error: unknown, nameOf: MarketNames = String): Explanation {
  const data = revertDataOf(error);
  const known = data === undefined ? undefined : decodeRevert(data, nameOf);
  if (known !== undefined) {
    const { sentence, hint, anchor } = known;
    return { sentence, hint, anchor };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { sentence: data === undefined ? message : `${message} (revert data ${data})` };
}

/** The revert data somewhere inside an error of ethers, a provider or a node; undefined when there is none. */
export function revertDataOf(error: unknown, depth = 0): string | undefined {
  if (typeof error !== "object" || error === null || depth > 6) return undefined;
  if ("data" in error && isHexString(error.data)) return error.data;
  for (const key of ["data", "info", "error", "cause"]) {
    const inner: unknown = Reflect.get(error, key);
    const data = revertDataOf(inner, depth + 1);
    if (data !== undefined) return data;
  }
  return undefined;
}

function sentenceOf(
  error: ErrorDescription,
  inputs: readonly Input[],
  nameOf: MarketNames,
): string {
  const template = errorSentences[error.name] ?? error.name;
  return template.replace(/\{(\w+)(?::(\w+))?\}/g, (placeholder, name: string, unit?: string) => {
    const input = inputs.find((candidate) => candidate.name === name);
    return input === undefined ? placeholder : write(error, input, unit ?? unitOf(input), nameOf);
  });
}

/** What an argument measures, by its type and name: names carry their dimension in every contract. */
function unitOf(input: Input): string {
  if (input.internalType === "AccountId") return "account";
  if (input.internalType === "MarketId") return "market";
  if (input.internalType.startsWith("enum ")) return "enum";
  if (input.type === "bytes32") return "text";
  if (!/^u?int\d+$/.test(input.type)) return "plain";
  if (/Usd$/.test(input.name)) return "usd";
  if (/Seconds$/.test(input.name)) return "s";
  if (/(At|^deadline|^timestamp|^expiry|^earliest|^latest)$/.test(input.name)) return "time";
  if (/([pP]rice|^size|^sizeDelta|^lotSize)$/.test(input.name)) return "d18";
  return "plain";
}

function write(error: ErrorDescription, input: Input, unit: string, nameOf: MarketNames): string {
  const value: unknown = error.args.getValue(input.name);
  if (unit === "text" && typeof value === "string") return textOf(value);
  if (typeof value !== "bigint") return String(value);
  switch (unit) {
    case "account":
      return describeAccount(value);
    case "market":
      return nameOf(value);
    case "enum":
      return memberOf(input.internalType, value);
    case "usd":
      return `${formatD18(value)} USD`;
    case "d18":
      return formatD18(value);
    case "pct":
      return `${formatDecimal(value, 16)} %`;
    case "s":
      return `${value} s`;
    case "time":
      return value > 0n && value < 10n ** 11n
        ? new Date(Number(value) * 1000).toISOString()
        : String(value);
    case "term":
      return /(Delay|Seconds)$/i.test(termOf(error)) ? `${value} s` : formatD18(value);
    default:
      return String(value);
  }
}

/** The term an error is about: a short text, or the member of an enum. Bounds of a limit are in the unit of what is limited. */
function termOf(error: ErrorDescription): string {
  const limit = namedTerm(error, "limit");
  if (limit !== "" && !/^(lowest|highest)$/.test(limit)) return limit;
  return namedTerm(error, "term") || namedTerm(error, "parameter");
}

function namedTerm(error: ErrorDescription, name: string): string {
  const index = error.fragment.inputs.findIndex((input) => input.name === name);
  const input = declaredInputs.get(error.name)?.[index];
  if (input === undefined) return "";
  const value: unknown = error.args[index];
  if (typeof value === "bigint") return memberOf(input.internalType, value);
  return typeof value === "string" ? textOf(value) : "";
}

/** Name of an enum's member: "enum IClearingHouse.MarketMode" 3 → "Halted". */
function memberOf(internalType: string, value: bigint): string {
  const enumName = internalType.replace(/^enum (?:\w+\.)?/, "");
  const members: readonly string[] | undefined = Object.entries(enums).find(
    ([name]) => name === enumName,
  )?.[1];
  return members?.[Number(value)] ?? String(value);
}

/** A bytes32 that holds a short text, as that text. */
function textOf(value: string): string {
  try {
    const text = decodeBytes32String(value);
    return /^[\x20-\x7e]+$/.test(text) ? text : value;
  } catch {
    return value; // no text: shown as it is
  }
}
