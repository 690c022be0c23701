// The keeper of the demo is the keeper anybody would run: a process of its own that knows a manifest, an endpoint and a key.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, type FSWatcher, openSync, watch } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { formatManifest, type Manifest } from "../../../sdk/src/manifest.ts";
import type { LocalChain } from "./local-chain.ts";
import { ROLES } from "./roles.ts";

const CLI = fileURLToPath(new URL("../../../keepers/src/cli.ts", import.meta.url));
/** {ms} Between two looks of the keeper at the chain. */
const KEEPER_POLL_MS = 10;
/** {ms} Longest time between two looks of the demo at the keeper, which are made when its status changes. */
const LOOK_MS = 250;
/** {ms} A keeper that starts has to read the whole house first. */
const START_TIMEOUT_MS = 60_000;
/** {ms} Longest wait for a keeper that works; the chain goes on without it. */
const IDLE_TIMEOUT_MS = 20_000;
/** {ms} */
const STOP_TIMEOUT_MS = 5_000;
/** A keeper that dies more often than this is not worth starting again. */
const MAX_RESTARTS = 5;

/** What the demo reads of a keeper's status. */
const statusSchema = z.object({
  syncedBlock: z.int(),
  idle: z.boolean(),
  inFlight: z.int(),
  startedAt: z.string(),
  lastError: z.string().nullable(),
});

export type KeeperStatus = z.output<typeof statusSchema>;

/** The keeper as the demo sees it: somebody else's process, which answers one question. */
export interface DemoKeeper {
  /**
   * Waits until the keeper has worked out the newest block and wants nothing more before the chain moves on: what it sent is mined or
   * waits for a block. False when it takes too long.
   */
  untilIdle(): Promise<boolean>;
  /** Times the process had to be started again. */
  readonly restarts: number;
  stop(): Promise<void>;
}

/** The keeper could not be kept running. */
export class KeeperFailed extends Error {
  override readonly name = "KeeperFailed";
}

export async function startKeeper(options: {
  readonly chain: LocalChain;
  readonly manifest: Manifest;
  /** For settings, manifest, database and status. */
  readonly directory: string;
  readonly logFile: string;
}): Promise<DemoKeeper> {
  const { chain, manifest, directory, logFile } = options;
  const files = {
    manifest: join(directory, "manifest.json"),
    config: join(directory, "keeper.json"),
    status: join(directory, "status.json"),
  };
  await writeFile(files.manifest, formatManifest(manifest));
  const settings = {
    manifest: files.manifest,
    rpcUrls: [chain.url],
    database: join(directory, "keeper.sqlite"),
    statusFile: files.status,
    pollIntervalMs: KEEPER_POLL_MS,
  };
  await writeFile(files.config, JSON.stringify(settings, null, 2));
  const keeper = new KeeperProcess({
    chain,
    statusFile: files.status,
    args: [CLI, "run", "--config", files.config],
    privateKey: chain.privateKeyOf(ROLES.keeper),
    logFile,
  });
  keeper.start();
  if (!(await keeper.untilIdle(START_TIMEOUT_MS))) {
    await keeper.stop();
    throw new KeeperFailed(`the keeper did not get ready; see ${logFile}`);
  }
  return keeper;
}

class KeeperProcess implements DemoKeeper {
  restarts = 0;
  readonly #chain: LocalChain;
  readonly #statusFile: string;
  readonly #args: readonly string[];
  readonly #privateKey: string;
  readonly #logFile: string;
  readonly #watcher: FSWatcher;
  #child: ChildProcess | undefined;
  #isStopping = false;
  #wake: () => void = () => {};

  constructor(options: {
    chain: LocalChain;
    statusFile: string;
    args: readonly string[];
    privateKey: string;
    logFile: string;
  }) {
    this.#chain = options.chain;
    this.#statusFile = options.statusFile;
    this.#args = options.args;
    this.#privateKey = options.privateKey;
    this.#logFile = options.logFile;
    this.#watcher = watch(dirname(this.#statusFile), () => this.#wake());
  }

  start(): void {
    const log = openSync(this.#logFile, this.restarts === 0 ? "w" : "a");
    this.#child = spawn(process.execPath, [...this.#args], {
      stdio: ["ignore", log, log],
      env: { ...process.env, BREAKWATER_PRIVATE_KEY: this.#privateKey },
    });
    closeSync(log);
  }

  async untilIdle(timeoutMs = IDLE_TIMEOUT_MS): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline) {
      this.#keepRunning();
      // Asked for before looking, so that no change falls between.
      const changed = this.#nextChange();
      const status = await this.#readStatus();
      if (status !== null && (await this.#isDone(status))) return true;
      await changed;
    }
    return false;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#watcher.close();
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }

  async #isDone(status: KeeperStatus): Promise<boolean> {
    if (status.syncedBlock < this.#chain.head) return false;
    if (status.idle) return true;
    // What it waits for is in the node's pool, not in a block that it has not read yet.
    if (status.inFlight === 0) return false;
    return (await this.#chain.pendingCount()) >= status.inFlight;
  }

  /** Ends when the status file changes, or after a while: a process that died changes nothing. */
  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #keepRunning(): void {
    const child = this.#child;
    if (child === undefined || this.#isStopping) return;
    if (child.exitCode === null && child.signalCode === null) return;
    if (this.restarts >= MAX_RESTARTS) {
      throw new KeeperFailed(
        `the keeper ended ${MAX_RESTARTS + 1} times (last with ${child.exitCode ?? child.signalCode}); see ${this.#logFile}`,
      );
    }
    this.restarts += 1;
    this.start();
  }

  /** Null while there is none, as before the first block it has worked out. */
  async #readStatus(): Promise<KeeperStatus | null> {
    try {
      return statusSchema.parse(JSON.parse(await readFile(this.#statusFile, "utf8")));
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
      throw error;
    }
  }
}
