import { type Logger, pino } from "pino";
import type { Censor } from "./config/secrets.ts";

export type Log = Pick<Logger, "trace" | "debug" | "info" | "warn" | "error">;

/** Objects, one a line, with every secret censored and chain values as decimal texts. */
export function createLog({ level, censor }: { level: string; censor: Censor }): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => plain(fields),
      },
    },
    { write: (line: string) => process.stdout.write(censor(line)) },
  );
}

function plain(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      typeof value === "bigint" ? value.toString() : value,
    ]),
  );
}
