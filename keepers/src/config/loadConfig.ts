import { readFileSync } from "node:fs";
import { z } from "zod";
import { formatD18 } from "../../../sdk/src/amounts.ts";
import type { CollateralBuying } from "../decide/collateral.ts";
import type { TakeOverTerms } from "../decide/takeOvers.ts";
import { messageOf } from "../failures.ts";
import {
  type Config,
  configSchema,
  flagOf,
  settingNames,
  VARIABLE_PREFIX,
  variableOf,
} from "./configSchema.ts";

/** Settings that cannot be used: every one of them, by name, with what is wrong and what to do. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `${problems.length === 1 ? "One setting" : `${problems.length} settings`} cannot be used:\n` +
        problems.map((problem) => `  ${problem}`).join("\n"),
    );
    this.problems = problems;
  }
}

export interface ConfigSources {
  /** Values of flags by the setting's name; undefined where not given. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** JSON file, or undefined for none. */
  readonly file: string | undefined;
}

/** All settings. Flags come before the environment, the environment before the file. */
export function loadConfig(sources: ConfigSources): Config {
  const { values, origins, strays } = gather(sources);
  const result = configSchema.safeParse(values);
  const problems = result.success
    ? contradictions(result.data)
    : result.error.issues.flatMap((issue) => problemsOf(issue, values, origins));
  if (strays.length + problems.length > 0 || !result.success) {
    throw new ConfigError([...new Set([...problems, ...strays])]);
  }
  return withKey(result.data);
}

const statusPlaceSchema = configSchema.pick({ host: true, port: true, statusFile: true }).strip();

/** Only where a keeper says how it is: asking needs neither chain nor key. */
export function loadStatusPlace(sources: ConfigSources): z.output<typeof statusPlaceSchema> {
  const { values, origins } = gather(sources);
  const result = statusPlaceSchema.safeParse(values);
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.flatMap((issue) => problemsOf(issue, values, origins)));
}

interface Gathered {
  readonly values: Readonly<Record<string, unknown>>;
  /** Where each value comes from, in words. */
  readonly origins: ReadonlyMap<string, string>;
  /** Variables that look like settings and are none. */
  readonly strays: readonly string[];
}

function gather({ flags, environment, file }: ConfigSources): Gathered {
  const values: Record<string, unknown> = readConfigFile(file);
  const origins = new Map(Object.keys(values).map((name) => [name, `"${name}" in ${file}`]));
  for (const name of settingNames) {
    const variable = variableOf(name);
    const value = environment[variable];
    if (value !== undefined && value !== "") {
      values[name] = value;
      origins.set(name, variable);
    }
    const flag = flagOf(name);
    if (flag !== null && flags[name] !== undefined) {
      values[name] = flags[name];
      origins.set(name, flag);
    }
  }
  const known = new Map(settingNames.map((name) => [variableOf(name), name]));
  const strays = Object.keys(environment)
    .filter((variable) => variable.startsWith(VARIABLE_PREFIX) && !known.has(variable))
    .map(
      (variable) =>
        `${variable}: there is no such setting${nearestVariable(variable, [...known.keys()])}`,
    );
  return { values, origins, strays };
}

function nearestVariable(stray: string, known: readonly string[]): string {
  const match = known.find((variable) => variable.startsWith(stray) || stray.startsWith(variable));
  return match === undefined ? "" : `; did you mean ${match}?`;
}

function readConfigFile(file: string | undefined): Record<string, unknown> {
  if (file === undefined) return {};
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new ConfigError([`--config: ${file} cannot be read (${reasonUnread(error)})`]);
  }
  const object = z.record(z.string(), z.unknown()).safeParse(json);
  if (!object.success) throw new ConfigError([`--config: ${file} must hold one JSON object`]);
  return { ...object.data };
}

/** The parser quotes what it stumbles over, which may be a key: only the place is passed on. */
function reasonUnread(error: unknown): string {
  if (!(error instanceof SyntaxError)) return messageOf(error);
  const place = /position \d+( \(line \d+ column \d+\))?/.exec(error.message)?.[0];
  return place === undefined ? "it is not JSON" : `it is not JSON, at ${place}`;
}

function problemsOf(
  issue: z.core.$ZodIssue,
  given: Readonly<Record<string, unknown>>,
  origins: ReadonlyMap<string, string>,
): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map(
      (key) => `${origins.get(key) ?? key}: there is no such setting${nearest(key)}`,
    );
  }
  const name = String(issue.path[0]);
  if (given[name] === undefined) {
    return [`${name}: missing. Give ${waysToGive(name)}`];
  }
  return [`${name} (${origins.get(name)}): ${reasonOf(issue)}`];
}

/** A union says only that nothing fitted; the branch that came furthest knows why. */
function reasonOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_union") return issue.message;
  const [deepest] = issue.errors
    .flat()
    .filter((inner) => inner.code !== "invalid_type")
    .sort((a, b) => b.path.length - a.path.length);
  return deepest === undefined ? issue.message : deepest.message;
}

function waysToGive(name: string): string {
  const flag = flagOf(name);
  return `${flag === null ? "" : `${flag}, `}${variableOf(name)}, or "${name}" in the --config file`;
}

function nearest(key: string): string {
  const plain = key.toLowerCase();
  const match = settingNames.find((name) => {
    const other = name.toLowerCase();
    return other.startsWith(plain) || plain.startsWith(other);
  });
  return match === undefined ? "" : `; did you mean "${match}"?`;
}

/** What each setting alone cannot know. */
function contradictions(config: Config): string[] {
  const problems: string[] = [];
  if (config.privateKey !== undefined && config.privateKeyFile !== undefined) {
    problems.push("privateKeyFile: there is a privateKey already; give one of the two");
  }
  if (config.minProfitUsd !== undefined && config.nativeTokenUsd === undefined) {
    problems.push(`nativeTokenUsd: minProfitUsd needs it. Give ${waysToGive("nativeTokenUsd")}`);
  }
  if (config.takeOverAccount !== undefined && config.takeOverMaxInventoryUsd === undefined) {
    problems.push(
      `takeOverMaxInventoryUsd: takeOverAccount needs it. Give ${waysToGive("takeOverMaxInventoryUsd")}`,
    );
  }
  if (config.takeOverAccount === undefined && config.takeOverMaxInventoryUsd !== undefined) {
    problems.push(
      `takeOverAccount: takeOverMaxInventoryUsd needs it. Give ${waysToGive("takeOverAccount")}`,
    );
  }
  if (config.takeOverUnloadCostRate >= config.takeOverMinDiscountRate) {
    problems.push(
      `takeOverUnloadCostRate: must be below takeOverMinDiscountRate, ${formatD18(config.takeOverMinDiscountRate)}; otherwise what was taken over is sold at a loss`,
    );
  }
  for (const name of ["collateralBudgetUsd", "collateralAccount"] as const) {
    if (!config.collateral && config[name] !== undefined)
      problems.push(`${name}: collateral is false; leave one of the two away`);
  }
  if (config.collateralAccount !== undefined && config.collateralBudgetUsd === undefined) {
    problems.push(
      `collateralBudgetUsd: collateralAccount needs it. Give ${waysToGive("collateralBudgetUsd")}`,
    );
  }
  for (const name of ["forecastDepthUsd", "forecastTable", "forecastRaiseAbove"] as const) {
    if (!config.forecast && config[name] !== undefined)
      problems.push(`${name}: forecast is false; make it true, or leave this away`);
  }
  if (config.forecast && config.forecastDepthUsd === undefined) {
    problems.push(`forecastDepthUsd: forecast needs it. Give ${waysToGive("forecastDepthUsd")}`);
  }
  if (config.priorityFeeGwei > config.maxFeeGwei) {
    problems.push("priorityFeeGwei: must not be above maxFeeGwei");
  }
  return problems;
}

/** The key itself, wherever it comes from. */
function withKey(config: Config): Config {
  if (config.privateKeyFile === undefined) return config;
  let key: string;
  try {
    key = readFileSync(config.privateKeyFile, "utf8").trim();
  } catch (error) {
    throw new ConfigError([`privateKeyFile: ${messageOf(error)}`]);
  }
  const result = configSchema.shape.privateKey.safeParse(key);
  if (!result.success || result.data === undefined) {
    throw new ConfigError([
      `privateKeyFile: ${config.privateKeyFile} must hold 0x and 64 hex digits (its content is not shown)`,
    ]);
  }
  return { ...config, privateKey: result.data };
}

/** How the keeper takes part in take-over auctions; null where it does not. */
export function takeOverTermsOf(config: Config): TakeOverTerms | null {
  const { takeOverAccount, takeOverMaxInventoryUsd } = config;
  if (takeOverAccount === undefined || takeOverMaxInventoryUsd === undefined) return null;
  return {
    account: takeOverAccount,
    maxInventoryUsd: takeOverMaxInventoryUsd,
    minDiscountRate: config.takeOverMinDiscountRate,
    unloadCostRate: config.takeOverUnloadCostRate,
  };
}

/** How the keeper buys collateral; null where it does not. */
export function collateralBuyingOf(config: Config, wallet: string): CollateralBuying | null {
  const { collateral, collateralBudgetUsd, collateralAccount, collateralMinDiscountRate } = config;
  if (!collateral || collateralBudgetUsd === undefined) return null;
  return {
    recipient: collateralAccount ?? wallet,
    budgetUsd: collateralBudgetUsd,
    minDiscountRate: collateralMinDiscountRate,
  };
}
