import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { FatalError, messageOf } from "../failures.ts";
import type { Metrics } from "./metrics.ts";
import type { KeeperStatus } from "./status.ts";

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  readonly status: () => KeeperStatus;
  /** Why the process should be restarted; empty when it is alive. */
  readonly unhealthy: () => readonly string[];
}

export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

/** /health says whether the process works, /ready whether it can act, /metrics and /status what it does. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    answer(path, options).then(
      ({ code, type, body }) => {
        response.writeHead(code, { "content-type": type, "cache-control": "no-store" });
        response.end(body);
      },
      (error: unknown) => {
        response.writeHead(500, { "content-type": "text/plain" });
        response.end(messageOf(error));
      },
    );
  });
  await listen(server, options);
  const address = server.address();
  const port = isAddress(address) ? address.port : options.port;
  return {
    url: `http://${options.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Answer {
  readonly code: number;
  readonly type: string;
  readonly body: string;
}

async function answer(
  path: string,
  { metrics, status, unhealthy }: ServerOptions,
): Promise<Answer> {
  switch (path) {
    case "/health":
      return verdict(unhealthy());
    case "/ready":
      return verdict(status().notReady);
    case "/metrics":
      return {
        code: 200,
        type: metrics.registry.contentType,
        body: await metrics.registry.metrics(),
      };
    case "/status":
      return json(200, status());
    default:
      return json(404, {
        error: `There is no ${path}; there are /health, /ready, /metrics, /status`,
      });
  }
}

function verdict(reasons: readonly string[]): Answer {
  return json(reasons.length === 0 ? 200 : 503, { ok: reasons.length === 0, reasons });
}

function json(code: number, value: unknown): Answer {
  return { code, type: "application/json", body: `${JSON.stringify(value)}\n` };
}

function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new FatalError(`Cannot listen on ${host}:${port} (${cause.message}); choose another port`, {
          cause,
        }),
      ),
    );
    server.listen(port, host, () => resolve());
  });
}

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}
