import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type KeeperStatus, statusSchema } from "../../../keepers/src/watch/status.ts";
import { KEEPER_KEY, type LocalHouse } from "./localHouse.ts";

const PATIENCE_MS = 60_000;
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

  /** Where its port answers; undefined until it listens. */
  get url(): string | undefined {
    return /"url":"(http:[^"]+)"/.exec(this.#output)?.[1];
  }

  async status(): Promise<KeeperStatus | null> {
    if (this.url === undefined) return null;
    const response = await fetch(`${this.url}/status`);
    return statusSchema.parse(await response.json());
  }

  /** Waits until nothing is left to do at or after a block. */
  async idleAt(block: number): Promise<KeeperStatus> {
    return this.until((status) => status.idle && status.syncedBlock >= block);
  }

  /** Waits until the keeper says so. */
  async until(isReached: (status: KeeperStatus) => boolean): Promise<KeeperStatus> {
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(20)) {
      if (this.#child.exitCode !== null) throw new Error(`The keeper ended:\n${this.#output}`);
      const status = await this.status();
      if (status !== null && isReached(status)) return status;
    }
    const status = JSON.stringify(await this.status());
    throw new Error(`Not reached in ${PATIENCE_MS} ms: ${status}\n${this.#output}`);
  }

  async untilOutput(text: string): Promise<void> {
    await this.until(() => this.#output.includes(text));
  }

  /** Ends the process; returns its exit code. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    this.#child.kill(signal);
    return this.#exited;
  }
}

/** Runs a command to its end; returns its exit code and everything it printed. */
export async function runCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, output };
}
