import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { POLICIES, TAKERS } from "../cli.ts";
import { InputError } from "../input-error.ts";
import { breakerMoveSchema } from "./breaker.ts";
import { routeSchema } from "./routes.ts";

/** At most two decimals, as dollars and percentages are reported. */
const hundredths = z
  .number()
  .refine((value) => Number(value.toFixed(2)) === value, { error: "has more than two decimals" });

/** {USD} A JSON number of dollars and cents. */
const usd = hundredths;
const amountUsd = usd.min(0);
const count = z.int().min(0);
/** {USD/base} Up to 8 decimals, as the feeds have. */
const price = z.number().positive();
/** null: nothing was measured, because it never happened. */
const gas = count.nullable();
/** How often, and {USD} with how much at the index. */
const routeUse = z.strictObject({ count, notionalUsd: amountUsd });
const milliseconds = z.number().min(0).nullable();

/**
 * What `--out` writes. Dollar figures are computed exactly and rounded to the nearest cent at the very end; only
 * `conservation.differenceUsd` rounds away from zero, so a difference of one unit never reads as none. As JSON numbers they
 * are exact to the cent up to 90 trillion dollars.
 */
export const reportSchema = z
  .strictObject({
    title: z.string(),
    /** Where the prices come from. */
    source: z.string(),
    accounts: count,
    seed: count,
    policy: z.enum(POLICIES),
    /** Of the pools, relative to the default. */
    depth: z.number().positive(),
    /** {s} Chain time without a keeper, from the first account below its maintenance margin on. */
    keepersAbsentSeconds: count,
    taker: z.enum(TAKERS),
    /** Of the main market. */
    prices: z.strictObject({
      /** Rows of the price file, or way-points of the built-in path. */
      rows: count,
      first: price,
      last: price,
      min: price,
      max: price,
      /** {%} The deepest fall from one published price to the next, below zero; 0 when prices never fall. */
      worstStepPct: hundredths.max(0),
    }),
    /** Traders' positions of both markets, longs and shorts, at index prices. */
    openInterestUsd: z.strictObject({ start: amountUsd, peak: amountUsd }),
    liquidations: z.strictObject({
      count,
      /** Left the account something open in the market. */
      partial: count,
      /** Closed the account's whole position in the market. */
      full: count,
      accountsTouched: count,
      notionalUsd: amountUsd,
      /** {%} Liquidated notional of an account over what it opened: the median of those touched. */
      notionalPerAccountMedianPct: hundredths.min(0).nullable(),
    }),
    /** Which way positions of failing accounts, and what bankrupt ones left, found somebody else. */
    routes: z.record(routeSchema, routeUse),
    /** How often the circuit breaker moved a market, by how. */
    breaker: z.record(breakerMoveSchema, z.int().nonnegative()),
    /** What bankrupt accounts could not pay: `insurance.paidUsd` and `socializedUsd` cover it. */
    badDebtUsd: amountUsd,
    insurance: z.strictObject({ startUsd: amountUsd, paidUsd: amountUsd, endUsd: amountUsd }),
    /** Shared by the unsettled gains of winners. */
    socializedUsd: amountUsd,
    /** Shared, but not yet taken from a gain. */
    uncollectedLossUsd: amountUsd,
    /** Ended with less than a dollar of equity. */
    accountsWipedOut: count,
    /** As the house counts it: what is drawn on credit, and could be, included. */
    traderEquityUsd: z.strictObject({ start: usd, end: usd }),
    poolEquityUsd: z.strictObject({ start: usd, end: usd }),
    /** Of the staked pool that takes what nobody else takes. */
    backstopEquityUsd: z.strictObject({ start: usd, end: usd }),
    /** Cash of those who lend against collateral, and debts that are good. */
    lendersUsd: z.strictObject({ start: amountUsd, end: amountUsd }),
    /** `tokensUsd = cashUsd + reservesUsd + insuranceUsd`, and `differenceUsd` is what is missing or too much. */
    conservation: z.strictObject({
      tokensUsd: amountUsd,
      cashUsd: amountUsd,
      reservesUsd: amountUsd,
      insuranceUsd: amountUsd,
      differenceUsd: usd,
    }),
    gas: z.strictObject({ partialLiquidationMedian: gas, batchMarginal: gas }),
    keeper: z.strictObject({
      txSent: count,
      txFailed: count,
      priceToInclusionMs: z.strictObject({ p50: milliseconds, p99: milliseconds }),
      processRestarts: count,
    }),
    /** A sentence for each check that did not hold; none when all is well. */
    failedChecks: z.array(z.string()),
  })
  .superRefine((report, context) => {
    const { liquidations, prices, accounts } = report;
    const require = (holds: boolean, message: string) => {
      if (!holds) context.addIssue({ code: "custom", message });
    };
    require(liquidations.partial + liquidations.full ===
      liquidations.count, "liquidations.partial and .full do not add up to .count");
    require(liquidations.accountsTouched <=
      Math.min(
        liquidations.count,
        accounts,
      ), "liquidations.accountsTouched exceeds the liquidations or the accounts there are");
    require(prices.min <= Math.min(prices.first, prices.last) &&
      prices.max >=
        Math.max(prices.first, prices.last), "prices.min and .max do not enclose .first and .last");
  });

export type Report = z.infer<typeof reportSchema>;

/** What the command ends with: 1 when a check failed. */
export function exitStatus(report: Report): 0 | 1 {
  return report.failedChecks.length === 0 ? 0 : 1;
}

/** Writes a report, making the folders it goes into. */
export async function writeReport({
  file,
  report,
}: {
  file: string;
  report: Report;
}): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
}

/** Reads a report back; what is wrong with it is named key by key. */
export async function readReport(file: string): Promise<Report> {
  const text = await readFile(file, "utf8");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new InputError(`${file} is not JSON`, { cause });
  }
  const parsed = reportSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new InputError(`${file} is not a report of the demo:\n${z.prettifyError(parsed.error)}`);
}
