import { z } from "zod";
import { ONE, parseDecimal } from "../../../sdk/src/amounts.ts";
import { accountIdText, addressText, d18Text } from "../../../sdk/src/codecs.ts";

/** Flags and variables are texts; the file may say the same as JSON values. */
function text(what: string) {
  return z.string(`must be ${what}`).trim().min(1, `is empty: give ${what}`);
}

function wholeNumber({ min, max }: { min: number; max: number }) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .union(
      [z.number(message), z.string(message).regex(/^\d+$/, message).transform(Number)],
      message,
    )
    .refine((value) => Number.isInteger(value) && value >= min && value <= max, message);
}

function amountUsd() {
  return z
    .union([z.number().transform(String), z.string()], "must be an amount in USD like 12.5")
    .pipe(d18Text);
}

/** "0.002" for 0.2 %. Above 0 and below 1, or from 0 where that makes sense. */
function rate({ canBeZero }: { canBeZero: boolean }) {
  return z
    .union([z.number().transform(String), z.string()], "must be a rate like 0.002")
    .pipe(d18Text)
    .refine(
      (value) => value < ONE && (canBeZero || value > 0n),
      `must be ${canBeZero ? "at least" : "above"} 0 and below 1 (0.002 is 0.2 %)`,
    );
}

/** Fees are written in gwei, of nine decimals, and kept in wei. */
function gwei() {
  return z
    .union([z.number().transform(String), z.string()], "must be an amount in gwei like 1.5")
    .transform((value, context) => {
      try {
        const wei = parseDecimal(value, 9);
        if (wei > 0n) return wei;
        context.addIssue({ code: "custom", message: "must be above 0" });
      } catch (error) {
        context.addIssue({
          code: "custom",
          message: error instanceof Error ? error.message : String(error),
        });
      }
      return z.NEVER;
    });
}

function yesOrNo() {
  return z.union(
    [z.boolean(), z.enum(["true", "false"]).transform((value) => value === "true")],
    "must be true or false",
  );
}

/** "ETH=5000000,BTC=20000000": USD by market. */
const depthsUsd = text("USD by market like ETH=5000000,BTC=20000000").transform(
  (list, context): ReadonlyMap<string, number> => {
    const depths = new Map<string, number>();
    for (const part of list.split(",")) {
      const [, symbol, usd] = /^\s*([^=\s]+)=(\d+(?:\.\d+)?)\s*$/.exec(part) ?? [];
      if (symbol === undefined || depths.has(symbol) || !(Number(usd) > 0)) {
        context.addIssue({
          code: "custom",
          message: `"${part}" is not a market, named once, and an amount of USD above 0, like ETH=5000000`,
        });
        return z.NEVER;
      }
      depths.set(symbol, Number(usd));
    }
    return depths;
  },
);

const rpcUrl = text("a URL").refine(
  (url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol),
  "must be an http:// or https:// URL",
);

const PRIVATE_KEY = /^0x[0-9a-fA-F]{64}$/;

/** Every setting of the keeper. Its name gives its flag (`--poll-interval-ms`) and its variable (`BREAKWATER_POLL_INTERVAL_MS`). */
export const configSchema = z.strictObject({
  manifest: text("the file the deploy command wrote").describe(
    "Deployment manifest: addresses, start block, markets",
  ),
  rpcUrls: z
    .union(
      [
        z.array(rpcUrl),
        text("URLs")
          .transform((list) => list.split(","))
          .pipe(z.array(rpcUrl)),
      ],
      "must be http:// or https:// URLs, separated by commas",
    )
    .refine((urls) => urls.length > 0, "is empty: give at least one URL")
    .describe("JSON-RPC endpoints of one chain, the preferred one first"),
  privateKey: z
    .string()
    .regex(PRIVATE_KEY, "must be 0x and 64 hex digits (its value is not shown)")
    .optional()
    .describe("Key of the wallet that sends. Without one the keeper only says what it would do"),
  privateKeyFile: text("a file that holds the key")
    .optional()
    .describe("File to read the key from"),
  keeperAccount: accountIdText
    .optional()
    .describe(
      "Account of the house that earns: owner, owner/number or 32 bytes; the wallet's own by default",
    ),
  database: text("a file, or :memory:")
    .optional()
    .describe("SQLite file of what was read and sent; out/keeper/<chain>.sqlite by default"),
  pollIntervalMs: wholeNumber({ min: 5, max: 60_000 })
    .default(1_000)
    .describe("Pause between looks at the head of the chain"),
  rpcTimeoutMs: wholeNumber({ min: 100, max: 120_000 })
    .default(10_000)
    .describe("Longest wait for one answer of an endpoint"),
  maxHeadLagBlocks: wholeNumber({ min: 0, max: 1_000 })
    .default(3)
    .describe("An endpoint further behind the others is not asked"),
  maxHeadAgeSeconds: wholeNumber({ min: 1, max: 86_400 })
    .optional()
    .describe(
      "Not ready while the newest block is older; unchecked by default, for chains that only move when used",
    ),
  logRange: wholeNumber({ min: 1, max: 100_000 })
    .default(2_000)
    .describe("Blocks per request for logs; halved by itself where an endpoint refuses"),
  pageSize: wholeNumber({ min: 1, max: 100 }).default(40).describe("Accounts per read of the lens"),
  batchSize: wholeNumber({ min: 1, max: 50 })
    .default(10)
    .describe("Liquidations or orders per transaction"),
  maxFeeGwei: gwei()
    .default(500_000_000_000n)
    .describe("Highest fee per gas, replacements included"),
  priorityFeeGwei: gwei().default(1_000_000_000n).describe("Least priority fee per gas"),
  replaceAfterMs: wholeNumber({ min: 100, max: 3_600_000 })
    .default(30_000)
    .describe("A transaction not included by then is replaced at a fee at least 12.5 % higher"),
  minProfitUsd: amountUsd()
    .optional()
    .describe("Least reward beyond gas of a transaction that earns; unchecked by default"),
  nativeTokenUsd: amountUsd().optional().describe("Price of the gas token, for minProfitUsd"),
  settleAboveUsd: amountUsd()
    .default(100n * 10n ** 18n)
    .describe("Losses from this size are pulled when winners wait to be paid"),
  distributeAboveUsd: amountUsd()
    .default(1_000n * 10n ** 18n)
    .describe("Once a day tranches that would share so much or more are asked to"),
  housekeeping: yesOrNo()
    .default(true)
    .describe(
      "Also do what pays no reward: refresh margins that volatility has left behind, sample and relax the circuit breaker, settle, unwind, tear up, book losses, process pool requests",
    ),
  tripBreaker: yesOrNo()
    .default(false)
    .describe(
      "Trip the circuit breaker where a trigger's condition holds. Off by default: an automatic halt keeps keepers from closing and resolving what the same move made fail for up to an hour, so that is for people to decide",
    ),
  takeOverAccount: accountIdText
    .optional()
    .describe(
      "Account of its own that takes over failing positions and inventory; without one the keeper takes nothing over",
    ),
  takeOverMaxInventoryUsd: amountUsd()
    .optional()
    .describe("Most notional that takeOverAccount holds"),
  takeOverMinDiscountRate: rate({ canBeZero: false })
    .default(2n * 10n ** 15n)
    .describe("Least discount to the index per notional at which something is taken over"),
  takeOverUnloadCostRate: rate({ canBeZero: true })
    .default(10n ** 15n)
    .describe(
      "What was taken over is sold as far as the pool costs no more than this against the index, fees aside",
    ),
  mark: yesOrNo()
    .default(true)
    .describe(
      "Start and stop the distress clocks of accounts that slices do not help: pacing, auctions and the backstop follow them",
    ),
  signedOrders: text("a file of signed orders")
    .optional()
    .describe(
      "File of signed orders, one as JSON a line: liquidations are matched against those that pay more than the pool",
    ),
  backstop: yesOrNo()
    .default(true)
    .describe("Call the backstop where its rule lets it take something over, and let it unwind"),
  collateral: yesOrNo()
    .default(true)
    .describe(
      "Start auctions of collateral of accounts above their credit line, keep them alive, and write off what nothing is left for",
    ),
  collateralBudgetUsd: amountUsd()
    .optional()
    .describe(
      "Buy in auctions of collateral with the wallet's settlement tokens, until what collateralAccount holds is worth so much; without it nothing is bought",
    ),
  collateralAccount: addressText
    .optional()
    .describe("Address that gets the collateral bought; the wallet's by default"),
  collateralMinDiscountRate: rate({ canBeZero: false })
    .default(5n * 10n ** 15n)
    .describe("Least discount to the index at which collateral is bought"),
  forecast: yesOrNo()
    .default(false)
    .describe("Forecast where liquidations would feed themselves, and how likely prices get there"),
  forecastDepthUsd: depthsUsd
    .optional()
    .describe(
      "USD that move the market elsewhere by 1 %, as ETH=5000000,BTC=20000000; markets that are not named are not forecast",
    ),
  forecastIntervalSeconds: wholeNumber({ min: 10, max: 86_400 })
    .default(300)
    .describe("Pause between two forecasts, in the chain's time"),
  forecastTable: text("a file that bench:forecast wrote")
    .optional()
    .describe(
      "Table of how far prices go, and its horizon, as `npm run bench:forecast -- --out FILE` writes it; a random walk over 6 hours without one",
    ),
  forecastSource: z
    .enum(["index", "map"], "must be index or map")
    .default("index")
    .describe("Whether positions are those the keeper knows (index) or those on the chain's map"),
  forecastNote: yesOrNo()
    .default(true)
    .describe("With forecast: note accounts on the chain's map whose entries are off"),
  forecastRaiseAbove: rate({ canBeZero: false })
    .optional()
    .describe(
      "With forecast: raise the cluster component of R when the probability is at least this; not raised by default",
    ),
  unpaidGasPerHour: wholeNumber({ min: 0, max: 1_000_000_000_000 })
    .default(300_000_000)
    .describe(
      "Most gas an hour that goes into calls nobody pays for, housekeeping and marks included",
    ),
  auditIntervalMs: wholeNumber({ min: 10, max: 3_600_000 })
    .default(5_000)
    .describe("Pause between pages of the slow check of every account"),
  port: wholeNumber({ min: 0, max: 65_535 })
    .optional()
    .describe("Port for /health, /ready, /metrics and /status; 0 picks one; none by default"),
  host: text("an address to listen on").default("127.0.0.1").describe("Where to listen"),
  statusFile: text("a file")
    .optional()
    .describe("File to write the same as /status to, at each change"),
  logLevel: z
    .enum(
      ["trace", "debug", "info", "warn", "error", "silent"],
      "must be trace, debug, info, warn, error or silent",
    )
    .default("info")
    .describe("Least level of log lines"),
});

export type Config = z.output<typeof configSchema>;
export type SettingName = keyof Config;

/** Keys never come from flags: those show in every list of processes. */
const NO_FLAG: ReadonlySet<string> = new Set(["privateKey"]);

/** "pollIntervalMs" → "--poll-interval-ms"; null where there is no flag. */
export function flagOf(name: string): string | null {
  return NO_FLAG.has(name) ? null : `--${words(name).join("-").toLowerCase()}`;
}

export const VARIABLE_PREFIX = "BREAKWATER_";

/** "pollIntervalMs" → "BREAKWATER_POLL_INTERVAL_MS". */
export function variableOf(name: string): string {
  return `${VARIABLE_PREFIX}${words(name).join("_").toUpperCase()}`;
}

export const settingNames: readonly string[] = Object.keys(configSchema.shape);

function words(name: string): string[] {
  return name.split(/(?=[A-Z])/);
}
