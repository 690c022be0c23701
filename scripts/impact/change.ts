import { readFile } from "node:fs/promises";
import { z } from "zod";
import { formatD18 } from "../../sdk/src/amounts.ts";
import { addressText, d18Text } from "../../sdk/src/codecs.ts";
import {
  adaptiveTermsSchema,
  coverTermsSchema,
  describeIssue,
  marketTermsSchema,
  riskTermsSchema,
} from "../../sdk/src/parameters.ts";
import { InputError } from "../demo/input-error.ts";

const fields = z.record(z.string(), z.unknown());

/** A change as it is written: by market, only what changes, as the parameters of a deployment are written. */
const changeSchema = z.record(
  z.string(),
  z.strictObject({
    /** Fields of the market's terms. */
    terms: fields.optional(),
    risk: fields.optional(),
    cover: fields.optional(),
    adaptive: fields.optional(),
    /** The feed that is to be believed: its latest answer becomes the price. */
    feed: addressText.optional(),
    /** The price itself, instead of a feed. */
    price: d18Text.optional(),
  }),
);

export type Change = z.output<typeof changeSchema>;
export type MarketChange = Change[string];

/** Reads a change from a file, or from JSON itself. */
export async function readChange(fileOrJson: string): Promise<Change> {
  const isJson = fileOrJson.trimStart().startsWith("{");
  const source = isJson ? "--change" : fileOrJson;
  const text = isJson ? fileOrJson : await readText(fileOrJson);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`${source} is not JSON: ${reason}`, { cause });
  }
  const result = changeSchema.safeParse(json);
  if (!result.success) throw refusal(source, result.error.issues.map(describeIssue));
  const markets = Object.entries(result.data);
  if (markets.every(([, change]) => Object.keys(change).length === 0)) {
    throw new InputError(
      `${source} changes nothing. Write, for example: {"ETH": {"risk": {"maintenanceMargin": "0.04"}}}`,
    );
  }
  for (const [symbol, { feed, price }] of markets) {
    if (feed !== undefined && price !== undefined) {
      throw refusal(source, [`${symbol}: has both a feed and a price; one of them says the price`]);
    }
  }
  return result.data;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new InputError(`There is no file ${file}, or it may not be read`, { cause });
  }
}

function refusal(source: string, problems: readonly string[]): InputError {
  return new InputError(
    `${source} cannot be used:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
  );
}

/** The schemas that say which fields a group has and what the contracts allow. */
const SCHEMAS = {
  terms: marketTermsSchema,
  risk: riskTermsSchema,
  cover: coverTermsSchema,
  adaptive: adaptiveTermsSchema,
};
type Group = keyof typeof SCHEMAS;
type Terms<G extends Group> = z.output<(typeof SCHEMAS)[G]>;

/** A group of terms with the fields that change; what the contracts would refuse is refused here, by name, value and bound. */
export function changedTerms<G extends Group>(
  symbol: string,
  group: G,
  now: Terms<G>,
  change: Readonly<Record<string, unknown>> | undefined,
): Terms<G>;
export function changedTerms(
  symbol: string,
  group: Group,
  now: unknown,
  change: Readonly<Record<string, unknown>> | undefined,
): unknown {
  if (change === undefined) return now;
  const result = SCHEMAS[group].safeParse({ ...written(now), ...change });
  if (result.success) return result.data;
  const place = `${symbol}.${group}`;
  throw new InputError(
    `The change cannot be made:\n${result.error.issues
      .map((issue) => `  ${place}.${describeIssue(issue)}`)
      .join("\n")}`,
  );
}

/** Terms as files write them. */
function written(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      typeof each === "bigint" ? formatD18(each) : typeof each === "object" ? written(each) : each,
    ]),
  );
}

/** The lines that say what changes, "maintenanceMargin 0.03 → 0.04". */
export function differences(group: string, now: unknown, after: unknown): string[] {
  const [before, then] = [written(now), written(after)];
  return Object.keys(then).flatMap((key) => {
    const [from, to] = [textOf(before[key]), textOf(then[key])];
    return from === to ? [] : [`${group}.${key} ${from} → ${to}`];
  });
}

const textOf = (value: unknown): string =>
  typeof value === "object" ? JSON.stringify(value) : String(value);
