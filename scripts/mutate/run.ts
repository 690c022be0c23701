import type { Artifact } from "../instrument/compile.ts";
import { TimedOut, WorkerPool } from "../instrument/pool.ts";
import { TRACE } from "../instrument/probe.ts";
import type { Reply } from "../instrument/orders.ts";
import type { Mutant } from "./schemata.ts";
import type { Outcome } from "./score.ts";

/** Suites are run together as long as they take no longer than this when nothing is wrong. */
const GROUP_SECONDS = 2;
/** A mutant may take this many times as long as the original, and then some: the machine may be busy. */
const PATIENCE = 12;
const LEAST_SECONDS = 45;
const BASELINE_SECONDS = 1_800;
/** A suite that takes longer is named while it runs. */
const SLOW_SECONDS = 8;

/** A suite, how long it takes on the original, and which mutants it reaches. */
interface Baseline {
  readonly suite: string;
  readonly seconds: number;
  readonly reached: ReadonlySet<number>;
}

export interface MutationRun {
  readonly outcomes: readonly Outcome[];
  /** Tests that fail on instrumented code that behaves like the original: they measure gas or code. */
  readonly leftOut: readonly string[];
  /** Mutants that the time did not suffice for. */
  readonly notRun: number;
}

export interface RunSettings {
  readonly jobs: number;
  readonly artifactsFile: string;
  /** {ms since 1970} No mutant is begun after it. */
  readonly deadline: number;
}

/** Runs every mutant against the suites that reach it, the quickest first, until a test fails. */
export async function runMutants(
  artifacts: readonly Artifact[],
  suites: readonly string[],
  mutants: readonly Mutant[],
  { jobs, artifactsFile, deadline }: RunSettings,
): Promise<MutationRun> {
  const pool = new WorkerPool(artifacts, artifactsFile, jobs);
  const { baselines, leftOut } = await measureBaselines(pool, suites);
  const except = leftOut.length === 0 ? undefined : patternOf(leftOut);
  console.log(
    `  ${baselines.length} suites take ${baselines.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(0)} s; ${leftOut.length} tests measure the code itself and are left out`,
  );
  const outcomes: Outcome[] = [];
  let notRun = 0;
  await pool.each(mutants, async ({ id, site }, send) => {
    if (Date.now() > deadline) {
      notRun += 1;
      return;
    }
    const reaching = baselines.filter(({ reached }) => reached.has(id));
    const started = Date.now();
    const done = (fate: Outcome["fate"], by: string | null): void => {
      outcomes.push({ site, fate, by, seconds: (Date.now() - started) / 1_000 });
      const { file, line, original, mutated } = site;
      if (fate !== "killed") console.log(`  ${fate}: ${file}:${line} ${original} → ${mutated}`);
      if (outcomes.length % 25 === 0) console.log(`  ${outcomes.length} of ${mutants.length} run`);
    };
    if (reaching.length === 0) return done("not reached", null);
    for (const group of grouped(reaching)) {
      const usual = group.reduce((sum, { seconds }) => sum + seconds, 0);
      const order = {
        marker: id,
        groups: [group.map(({ suite }) => suite)],
        traced: false,
        ...(except === undefined ? {} : { except }),
      };
      try {
        const failed = firstFailure(await send(order, LEAST_SECONDS + usual * PATIENCE));
        if (failed !== null) return done("killed", failed);
      } catch (error) {
        if (!(error instanceof TimedOut)) throw error;
        return done("timed out", error.message);
      }
    }
    return done("survived", null);
  });
  return { outcomes, leftOut, notRun };
}

/** Runs each suite on the original behaviour, for its time, its failures and the mutants it reaches. */
async function measureBaselines(pool: WorkerPool, suites: readonly string[]) {
  const baselines: Baseline[] = [];
  const leftOut = new Set<string>();
  await pool.each(suites, async (suite, send) => {
    const order = { marker: Number(TRACE), groups: [[suite]], traced: true };
    const { runs, reports } = await send(order, BASELINE_SECONDS);
    for (const { test } of runs.flatMap(({ failures }) => failures)) leftOut.add(test);
    const seconds = runs.reduce((sum, run) => sum + run.seconds, 0);
    baselines.push({ suite, seconds, reached: new Set(reports) });
    if (seconds > SLOW_SECONDS) console.log(`  ${suite} takes ${seconds.toFixed(0)} s`);
  });
  baselines.sort((a, b) => a.seconds - b.seconds);
  return { baselines, leftOut: [...leftOut].sort() };
}

function grouped(baselines: readonly Baseline[]): Baseline[][] {
  const groups: Baseline[][] = [];
  let filled = Number.POSITIVE_INFINITY;
  for (const baseline of baselines) {
    if (filled + baseline.seconds > GROUP_SECONDS) {
      groups.push([]);
      filled = 0;
    }
    groups.at(-1)?.push(baseline);
    filled += baseline.seconds;
  }
  return groups;
}

function firstFailure({ runs }: Reply): string | null {
  for (const { suite, failures } of runs) {
    const [first] = failures;
    if (first !== undefined) return `${suite} ${first.test}: ${first.reason}`.slice(0, 300);
  }
  return null;
}

/** What the test runner takes to leave tests out. */
function patternOf(tests: readonly string[]): string {
  return `^(${tests.map((test) => test.replace(/\(.*$/, "")).join("|")})\\b`;
}
