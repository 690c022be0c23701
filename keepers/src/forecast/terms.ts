import { readFileSync } from "node:fs";
import { z } from "zod";
import { TouchTable } from "../../../sdk/src/forecast/touchTable.ts";
import type { Manifest } from "../../../sdk/src/manifest.ts";
import { type Config, flagOf } from "../config/configSchema.ts";
import { FatalError, messageOf } from "../failures.ts";

/** Where positions are looked up: in what the keeper knows of every account, or on the chain's map. */
export type ForecastSource = Config["forecastSource"];

/** How cascades are forecast, and what follows. */
export interface ForecastTerms {
  readonly source: ForecastSource;
  readonly intervalSeconds: number;
  readonly horizonSeconds: number;
  readonly table: TouchTable;
  /** {USD} What moves a market's reference market by 1 %, by market. */
  readonly depths: ReadonlyMap<number, number>;
  /** Whether accounts are noted on the map. */
  readonly notes: boolean;
  /** Least probability at which R is raised; null: it is not. */
  readonly raiseAbove: number | null;
  readonly batchSize: number;
}

/** Without a table: as the bench does. */
const USUAL_HORIZON_HOURS = 6;
const USUAL_TABLE = { priorWeight: 5, excursionWeight: 1 };

const excursionsSchema = z.array(z.number().nonnegative());
const tableSchema = z.object({
  horizonHours: z.int().min(1).max(720),
  table: z.object({
    priorWeight: z.number().positive(),
    excursionWeight: z.number().positive(),
    excursions: z.object({ fall: excursionsSchema, rise: excursionsSchema }),
  }),
});

/** Null where nothing is forecast. */
export function forecastTermsOf(
  config: Config,
  manifest: Pick<Manifest, "markets">,
): ForecastTerms | null {
  if (!config.forecast) return null;
  const { horizonHours, table } = tableOf(config.forecastTable);
  return {
    source: config.forecastSource,
    intervalSeconds: config.forecastIntervalSeconds,
    horizonSeconds: horizonHours * 3_600,
    table,
    depths: depthsOf(config.forecastDepthUsd ?? new Map(), manifest),
    notes: config.forecastNote,
    raiseAbove:
      config.forecastRaiseAbove === undefined ? null : Number(config.forecastRaiseAbove) / 1e18,
    batchSize: config.batchSize,
  };
}

function tableOf(file: string | undefined): { horizonHours: number; table: TouchTable } {
  if (file === undefined) {
    return { horizonHours: USUAL_HORIZON_HOURS, table: new TouchTable(USUAL_TABLE) };
  }
  try {
    const { horizonHours, table } = tableSchema.parse(JSON.parse(readFileSync(file, "utf8")));
    return { horizonHours, table: TouchTable.from(table) };
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause);
    throw new FatalError(
      `${flagOf("forecastTable")}: ${file} is not what \`npm run bench:forecast -- --out FILE\` writes: ${reason}`,
      { cause },
    );
  }
}

function depthsOf(
  depths: ReadonlyMap<string, number>,
  { markets }: Pick<Manifest, "markets">,
): ReadonlyMap<number, number> {
  const ids = new Map(markets.map(({ symbol, id }) => [symbol, id]));
  const unknown = [...depths.keys()].filter((symbol) => !ids.has(symbol));
  if (unknown.length > 0) {
    throw new FatalError(
      `${flagOf("forecastDepthUsd")}: there is no market ${unknown.join(", ")}; there are ${[...ids.keys()].join(", ")}`,
    );
  }
  return new Map([...depths].map(([symbol, usd]) => [ids.get(symbol) ?? -1, usd]));
}
