import { renameSync, writeFileSync } from "node:fs";
import { assemble } from "../assemble.ts";
import type { Config } from "../config/configSchema.ts";
import { censorOf } from "../config/secrets.ts";
import { connect } from "../connect.ts";
import { createLog } from "../log.ts";
import { createMetrics } from "../watch/metrics.ts";
import { type RunningServer, startServer } from "../watch/server.ts";
import type { KeeperStatus } from "../watch/status.ts";

/** Works until SIGINT or SIGTERM. */
export async function run(config: Config): Promise<void> {
  const censor = censorOf({ rpcUrls: config.rpcUrls, privateKey: config.privateKey ?? null });
  const log = createLog({ level: config.logLevel, censor });
  const metrics = createMetrics();
  const connection = await connect(config, ({ endpoint, method, message }) => {
    metrics.rpcFailures.inc({ endpoint });
    log.debug({ msg: "An endpoint failed", endpoint, method, reason: message });
  });
  const { statusFile } = config;
  const { keeper, close } = await assemble({
    config,
    connection,
    log,
    metrics,
    ...(statusFile === undefined ? {} : { onStatus: statusWriter(statusFile) }),
  });
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    log.info({ msg: "Stopping", signal });
    stop.abort();
  };
  process.once("SIGINT", onSignal);
  process.once("SIGTERM", onSignal);
  let server: RunningServer | undefined;
  try {
    if (config.port !== undefined) {
      server = await startServer({
        host: config.host,
        port: config.port,
        metrics,
        status: () => keeper.status(),
        unhealthy: () => keeper.unhealthy(),
      });
    }
    log.info({
      msg: "Keeper started",
      chainId: connection.manifest.chainId,
      network: connection.manifest.network,
      wallet: connection.wallet?.address ?? "none: dry run",
      endpoints: connection.pool.health().map(({ label }) => label),
      url: server?.url,
    });
    await keeper.run(stop.signal);
    log.info({ msg: "Stopped" });
  } finally {
    await server?.close();
    close();
  }
}

/** Replaces the file in one step, so that a reader never sees half of it; unchanged figures are not written again. */
function statusWriter(file: string): (status: KeeperStatus) => void {
  let written = "";
  return (status) => {
    const text = `${JSON.stringify(status)}\n`;
    if (text === written) return;
    written = text;
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
}
