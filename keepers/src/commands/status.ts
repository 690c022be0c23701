import { readFileSync } from "node:fs";
import type { Config } from "../config/configSchema.ts";
import { FatalError, messageOf } from "../failures.ts";
import { type KeeperStatus, statusSchema } from "../watch/status.ts";

/** Asks a running keeper how it is: over HTTP where it has a port, else in its status file. */
export async function status(
  config: Pick<Config, "host" | "port" | "statusFile">,
): Promise<KeeperStatus> {
  const { host, port, statusFile } = config;
  if (port !== undefined && port > 0) {
    const url = `http://${host}:${port}/status`;
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
      return statusSchema.parse(await response.json());
    } catch (cause) {
      throw new FatalError(`No keeper answers at ${url} (${messageOf(cause)})`, { cause });
    }
  }
  if (statusFile !== undefined) {
    try {
      return statusSchema.parse(JSON.parse(readFileSync(statusFile, "utf8")));
    } catch (cause) {
      throw new FatalError(`${statusFile} holds no status of a keeper (${messageOf(cause)})`, {
        cause,
      });
    }
  }
  throw new FatalError(
    "Where does the keeper say how it is? Give --port or --status-file as it was given to the keeper",
  );
}
