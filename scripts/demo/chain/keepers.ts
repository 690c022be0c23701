// The keepers of the demo are those anybody would run: processes of their own that know a manifest, an endpoint and a key.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, type FSWatcher, openSync, watch } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { formatManifest, type Manifest } from "../../../sdk/src/manifest.ts";
import type { Cleanup } from "../cleanup.ts";
import type { LocalChain } from "./local-chain.ts";

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

/** The keepers as the demo sees them: other people's processes, which answer one question. */
export interface DemoKeepers {
  /**
   * Waits until each has worked out the newest block and wants nothing more before the chain moves on: what it sent is mined or
   * waits for a block. False when it takes too long.
   */
  untilIdle(): Promise<boolean>;
  /** Ends them all; nobody is waited for until `resume`. */
  pause(): Promise<void>;
  /** Starts them again where they left off. */
  resume(): Promise<void>;
  /** Times a process had to be started again that nobody had ended. */
  readonly restarts: number;
  stop(): Promise<void>;
}

/** One keeper of a run. */
export interface KeeperRole {
  readonly privateKey: string;
  readonly logFile: string;
  /** Beyond what every keeper of a run is told. */
  readonly settings: Readonly<Record<string, string | boolean>>;
}

/** The keeper could not be kept running. */
export class KeeperFailed extends Error {
  override readonly name = "KeeperFailed";
}

export async function startKeepers(options: {
  readonly chain: LocalChain;
  readonly manifest: Manifest;
  /** For settings, manifest, databases and statuses. */
  readonly directory: string;
  readonly roles: readonly KeeperRole[];
  readonly cleanup: Cleanup;
}): Promise<DemoKeepers> {
  const { chain, manifest, directory, roles, cleanup } = options;
  const manifestFile = join(directory, "manifest.json");
  await writeFile(manifestFile, formatManifest(manifest));
  const processes: KeeperProcess[] = [];
  for (const [index, role] of roles.entries()) {
    const own = join(directory, `keeper-${index + 1}`);
    await mkdir(own);
    const configFile = join(own, "keeper.json");
    const statusFile = join(own, "status.json");
    const settings = {
      manifest: manifestFile,
      rpcUrls: [chain.url],
      database: join(own, "keeper.sqlite"),
      statusFile,
      pollIntervalMs: KEEPER_POLL_MS,
      ...role.settings,
    };
    await writeFile(configFile, JSON.stringify(settings, null, 2));
    processes.push(new KeeperProcess({ ...role, configFile, statusFile }));
  }
  const keepers = new KeeperTeam({ chain, processes });
  cleanup.add(() => keepers.stop());
  await keepers.resume();
  return keepers;
}

class KeeperTeam implements DemoKeepers {
  readonly #chain: LocalChain;
  readonly #processes: readonly KeeperProcess[];
  #isAway = true;

  constructor(options: { chain: LocalChain; processes: readonly KeeperProcess[] }) {
    this.#chain = options.chain;
    this.#processes = options.processes;
  }

  get restarts(): number {
    return this.#processes.reduce((sum, { restarts }) => sum + restarts, 0);
  }

  async untilIdle(timeoutMs = IDLE_TIMEOUT_MS): Promise<boolean> {
    if (this.#isAway) return true;
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline) {
      for (const each of this.#processes) await each.keepRunning();
      // Asked for before looking, so that no change falls between.
      const changed = Promise.race(this.#processes.map((each) => each.nextChange()));
      const statuses = await Promise.all(this.#processes.map((each) => each.readStatus()));
      if (await this.#areDone(statuses)) return true;
      await changed;
    }
    return false;
  }

  async pause(): Promise<void> {
    this.#isAway = true;
    await Promise.all(this.#processes.map((each) => each.end()));
  }

  async resume(): Promise<void> {
    for (const each of this.#processes) await each.start();
    this.#isAway = false;
    if (await this.untilIdle(START_TIMEOUT_MS)) return;
    const logs = this.#processes.map(({ logFile }) => logFile).join(", ");
    throw new KeeperFailed(`a keeper did not get ready; see ${logs}`);
  }

  async stop(): Promise<void> {
    await this.pause();
    for (const each of this.#processes) each.close();
  }

  async #areDone(statuses: readonly (KeeperStatus | null)[]): Promise<boolean> {
    let inFlight = 0;
    for (const status of statuses) {
      if (status === null || status.syncedBlock < this.#chain.head) return false;
      if (!status.idle && status.inFlight === 0) return false;
      inFlight += status.inFlight;
    }
    // What they wait for is in the node's pool, not in a block that they have not read yet.
    return inFlight === 0 || (await this.#chain.pendingCount()) >= inFlight;
  }
}

class KeeperProcess {
  restarts = 0;
  readonly logFile: string;
  readonly #statusFile: string;
  readonly #configFile: string;
  readonly #privateKey: string;
  readonly #watcher: FSWatcher;
  #child: ChildProcess | undefined;
  #wasStarted = false;
  #wake: () => void = () => {};

  constructor(options: KeeperRole & { configFile: string; statusFile: string }) {
    this.logFile = options.logFile;
    this.#statusFile = options.statusFile;
    this.#configFile = options.configFile;
    this.#privateKey = options.privateKey;
    this.#watcher = watch(dirname(this.#statusFile), () => this.#wake());
  }

  /** What it said before it was ended does not count any more. */
  async start(): Promise<void> {
    await rm(this.#statusFile, { force: true });
    const log = openSync(this.logFile, this.#wasStarted ? "a" : "w");
    this.#wasStarted = true;
    this.#child = spawn(process.execPath, [CLI, "run", "--config", this.#configFile], {
      stdio: ["ignore", log, log],
      env: { ...process.env, BREAKWATER_PRIVATE_KEY: this.#privateKey },
    });
    closeSync(log);
  }

  /** Starts it again when it died by itself. */
  async keepRunning(): Promise<void> {
    const child = this.#child;
    if (child === undefined || (child.exitCode === null && child.signalCode === null)) return;
    if (this.restarts >= MAX_RESTARTS) {
      throw new KeeperFailed(
        `the keeper ended ${MAX_RESTARTS + 1} times (last with ${child.exitCode ?? child.signalCode}); see ${this.logFile}`,
      );
    }
    this.restarts += 1;
    await this.start();
  }

  async end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }

  close(): void {
    this.#watcher.close();
  }

  /** Ends when the status file changes, or after a while: a process that died changes nothing. */
  nextChange(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Null while there is none, as before the first block it has worked out. */
  async readStatus(): Promise<KeeperStatus | null> {
    try {
      return statusSchema.parse(JSON.parse(await readFile(this.#statusFile, "utf8")));
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
      throw error;
    }
  }
}
