import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type KeeperStatus, statusSchema } from "../../../keepers/src/watch/status.ts";
import { KEEPER_KEY, type LocalHouse } from "./localHouse.ts";

const CLI = join(import.meta.dirname, "../../../keepers/src/cli.ts");

/** A keeper in a process of its own, as an operator starts it. */
export class KeeperProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;
  #output = "";

  constructor(house: LocalHouse, extra: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, [CLI, "run"], {
      env: {
        ...process.env,
        BREAKWATER_MANIFEST: house.manifestFile,
        BREAKWATER_RPC_URLS: house.url,
        BREAKWATER_PRIVATE_KEY: KEEPER_KEY,
        BREAKWATER_DATABASE: join(house.directory, "keeper.sqlite"),
        BREAKWATER_POLL_INTERVAL_MS: "20",
        BREAKWATER_PORT: "0",
        ...extra,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout?.on("data", (chunk) => (this.#output += chunk));
    this.#child.stderr?.on("data", (chunk) => (this.#output += chunk));
    this.#exited = new Promise((resolve) => this.#child.on("exit", resolve));
  }

  /** Everything it printed. */
  get output(): string {
    return this.#output;
  }

  async status(): Promise<KeeperStatus | null> {
    const url = /"url":"(http:[^"]+)"/.exec(this.#output)?.[1];
    if (url === undefined) return null;
    const response = await fetch(`${url}/status`);
    return statusSchema.parse(await response.json());
  }

  /** Waits until nothing is left to do at or after a block. */
  async idleAt(block: number, timeoutMs = 60_000): Promise<KeeperStatus> {
    for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(20)) {
      if (this.#child.exitCode !== null) throw new Error(`The keeper ended:\n${this.#output}`);
      const status = await this.status();
      if (status !== null && status.idle && status.syncedBlock >= block) return status;
    }
    throw new Error(`The keeper was not idle in ${timeoutMs} ms:\n${this.#output}`);
  }

  /** Ends the process; returns its exit code. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    this.#child.kill(signal);
    return this.#exited;
  }
}
