import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { z } from "zod";
import { InputError } from "../../scripts/demo/input-error.ts";
import { count, missingFrom, type Reached } from "./house/reach.ts";
import { ACTIONS, type Finding, report } from "./house/seeds.ts";

const USAGE = `Usage: npm run test:model -- [options]

  Replays random sequences of actions on a house and on its reference model, and compares every balance, index, decision and error.

  --seeds N        How many sequences. Default: 200.
  --from S         Seed of the first; the others follow it. Default: chosen by the clock.
  --jobs N         How many processes share them. Default: one for each two processors, at most four.
  --faults N       Instead plant faults and say which are noticed: each term of the model a little too large, and N single instructions of the
                   deployed libraries replaced by another. A term that is wrong unnoticed fails the run.
  --out FILE.json  Also write what was compared, how long it took, and every disagreement.
  --help           Show this.`;

const DEFAULT_SEEDS = "200";
const DEFAULT_JOBS = Math.min(4, Math.ceil(availableParallelism() / 2));
const ROOT = resolve(import.meta.dirname, "..", "..");
const WORKER = "test/differential/house/worker.ts";
/** After so many sequences it says how far it is. */
const TOLD_EVERY = 50;

/** The options, or null when help was asked for. */
function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: "string", default: DEFAULT_SEEDS },
        from: { type: "string", default: String(Math.floor(Date.now() / 1_000) % 1_000_000_000) },
        jobs: { type: "string", default: String(DEFAULT_JOBS) },
        faults: { type: "string" },
        out: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    return values.help ? null : values;
  } catch (error) {
    throw new InputError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

function numberOf(option: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new InputError(`--${option} is ${text}; it takes a whole number of at least ${least}`);
}

/** What a worker writes about a seed. */
const lineForm = z.object({
  seed: z.number(),
  finding: z
    .object({ seed: z.number(), actions: z.array(z.string()), found: z.array(z.string()) })
    .nullable(),
  reached: z.record(z.string(), z.number()),
});

/** A run as far as it has come. */
class Run {
  readonly from: number;
  readonly seeds: number;
  readonly out: string | null;
  readonly reached: Reached = new Map();
  readonly findings: Finding[] = [];
  readonly #started = Date.now();
  done = 0;

  constructor(from: number, seeds: number, out: string | null) {
    this.from = from;
    this.seeds = seeds;
    this.out = out;
  }

  /** Takes in what a worker has written. */
  note(text: string): void {
    const { finding, reached } = lineForm.parse(JSON.parse(text));
    this.done += 1;
    for (const [what, times] of Object.entries(reached)) count(this.reached, what, times);
    if (finding !== null) {
      this.findings.push(finding);
      console.error(report(finding));
    }
    if (this.done % TOLD_EVERY === 0 || this.done === this.seeds) this.tell();
  }

  get seconds(): number {
    return Math.round((Date.now() - this.#started) / 1_000);
  }

  /** Where it should have got by its end, and has not. */
  get missing(): string[] {
    return missingFrom(this.reached, this.seeds);
  }

  tell(): void {
    const { done, seeds, seconds, findings, out } = this;
    console.log(`${done} of ${seeds} seeds in ${seconds} s, ${findings.length} disagreements`);
    if (out === null) return;
    const summary = {
      from: this.from,
      seeds,
      done,
      actions: ACTIONS,
      seconds,
      disagreements: findings,
      missing: this.missing,
      reached: Object.fromEntries([...this.reached].sort()),
    };
    writeFileSync(out, `${JSON.stringify(summary, null, 2)}\n`);
  }
}

/** Starts a process with some of the environment its own, and hands on each line of JSON it writes; resolves with its exit code. */
function start(own: Readonly<Record<string, string>>, take: (text: string) => void) {
  const args = ["scripts/bootstrap.mjs", "hardhat", "run", "--no-compile", WORKER];
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...own },
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.stdout === null) throw new Error("A worker has no output");
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    if (line.startsWith("{")) take(line);
  });
  return new Promise<number>((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) => done(code ?? 1));
  });
}

/** One of the processes that share a run. */
function work(run: Run, job: number, jobs: number): Promise<number> {
  const share = {
    MODEL_FIRST: String(run.from + job),
    MODEL_END: String(run.from + run.seeds),
    MODEL_STEP: String(jobs),
  };
  return start(share, (text) => run.note(text));
}

/** What a worker writes about a fault. */
const faultForm = z.object({
  kind: z.enum(["terms", "code"]),
  fault: z.object({
    name: z.string(),
    noticed: z.object({ seed: z.number(), actions: z.number() }).nullable(),
  }),
});

/** Plants faults, and fails where one in the terms is not noticed. */
async function plant(from: number, faults: number, out: string | null): Promise<number> {
  const planted: z.infer<typeof faultForm>[] = [];
  console.log(`${faults} faults in code from ${from}`);
  const own = {
    MODEL_FIRST: String(from),
    MODEL_END: "0",
    MODEL_STEP: "1",
    MODEL_FAULTS: String(faults),
  };
  const code = await start(own, (text) => {
    const line = faultForm.parse(JSON.parse(text));
    planted.push(line);
    const { name, noticed } = line.fault;
    const where =
      noticed === null ? "NOT noticed" : `seed ${noticed.seed}, action ${noticed.actions}`;
    console.log(`${line.kind} ${name}: ${where}`);
  });
  const hidden = planted.filter(({ fault }) => fault.noticed === null);
  const noticed = planted.length - hidden.length;
  console.log(`${noticed} of ${planted.length} faults were noticed`);
  if (out !== null) writeFileSync(out, `${JSON.stringify({ from, noticed, planted }, null, 2)}\n`);
  return code !== 0 || hidden.some(({ kind }) => kind === "terms") ? 1 : 0;
}

async function main(): Promise<number> {
  const options = parse(process.argv.slice(2));
  if (options === null) {
    console.log(USAGE);
    return 0;
  }
  const seeds = numberOf("seeds", options.seeds, 1);
  const from = numberOf("from", options.from, 0);
  const jobs = Math.min(seeds, numberOf("jobs", options.jobs, 1));
  const out = options.out === undefined ? null : resolve(options.out);
  if (options.faults !== undefined) return plant(from, numberOf("faults", options.faults, 0), out);
  const run = new Run(from, seeds, out);
  console.log(
    `${seeds} seeds from ${from}; again: npm run test:model -- --seeds ${seeds} --from ${from}`,
  );
  const codes = await Promise.all(Array.from({ length: jobs }, (_, job) => work(run, job, jobs)));
  if (run.done % TOLD_EVERY !== 0 && run.done !== seeds) run.tell();
  const { missing, findings } = run;
  if (run.done < seeds) {
    console.error(`Only ${run.done} of ${seeds} seeds were replayed; exit codes ${codes}`);
  }
  if (missing.length > 0) console.error(`Never reached: ${missing.join(", ")}`);
  const isGood = run.done === seeds && missing.length === 0 && findings.length === 0;
  return isGood ? 0 : 1;
}

// The test runner loads this file like every other here.
if (process.argv[1] === import.meta.filename) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
