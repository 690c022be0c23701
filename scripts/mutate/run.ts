import type { Artifact } from "../instrument/compile.ts";
import { Journal, suiteKey } from "../instrument/journal.ts";
import type { Reply } from "../instrument/orders.ts";
import { TimedOut, WorkerPool } from "../instrument/pool.ts";
import { TRACE } from "../instrument/probe.ts";
import { isSuite, suiteName } from "../instrument/suites.ts";
import type { Mutant } from "./schemata.ts";
import type { Outcome } from "./score.ts";

/** Suites are run together as long as they take no longer than this when nothing is wrong. */
const GROUP_SECONDS = 2;
/** A mutant may take this many times as long as the original, and then some: the machine may be busy. */
const PATIENCE = 12;
const LEAST_SECONDS = 60;
const BASELINE_SECONDS = 3_600;
/** A suite that takes longer is named while it runs. */
const SLOW_SECONDS = 20;

/** A suite, how long it takes on the original, and which mutants it reaches. */
interface Baseline {
  readonly suite: string;
  readonly key: string;
  readonly seconds: number;
  readonly reached: ReadonlySet<number>;
  readonly failures: readonly string[];
}

export interface MutationRun {
  readonly outcomes: readonly Outcome[];
  /** Tests that fail on instrumented code that behaves like the original: they measure gas or code. */
  readonly leftOut: readonly string[];
  /** Mutants that the time did not suffice for. */
  readonly notRun: number;
}

export interface RunSettings {
  /** The mutated sources, however long. */
  readonly identity: string;
  readonly jobs: number;
  readonly artifactsFile: string;
  /** {ms since 1970} No mutant is begun after it. */
  readonly deadline: number;
  /** {s} What suites take, together, on the original: a mutant that outlives so much survives. */
  readonly depth: number;
  /** Whether nothing can tell this mutant from the original: once it has survived, new tests need not try. */
  readonly isEquivalent: (mutant: Mutant) => boolean;
}

/** Runs every mutant against the suites that reach it, the quickest first, until a test fails. */
export async function runMutants(
  contracts: readonly Artifact[],
  tests: readonly Artifact[],
  mutants: readonly Mutant[],
  { identity, jobs, artifactsFile, deadline, depth, isEquivalent }: RunSettings,
): Promise<MutationRun> {
  const pool = new WorkerPool([...contracts, ...tests], artifactsFile, jobs);
  const journal = new Journal(identity);
  const baselines = await measureBaselines(pool, journal, tests.filter(isSuite));
  const leftOut = [...new Set(baselines.flatMap(({ failures }) => failures))].sort();
  const except = leftOut.length === 0 ? {} : { except: patternOf(leftOut) };
  const total = baselines.reduce((sum, { seconds }) => sum + seconds, 0);
  console.log(
    `  ${baselines.length} suites take ${total.toFixed(0)} s; left out, because they measure the code itself: ${leftOut.join(", ") || "none"}`,
  );
  if (baselines.every(({ reached }) => reached.size === 0)) {
    throw new Error("No suite reaches any mutant: the probe or the choice of suites is wrong");
  }
  const outcomes: Outcome[] = [];
  let notRun = 0;
  await pool.each(mutants, async (mutant, send) => {
    const { id, site } = mutant;
    const before = journal.mutant(id);
    const isOpen = before?.fate === "survived" || before?.fate === "not reached";
    if (before !== undefined && (!isOpen || isEquivalent(mutant))) {
      outcomes.push({ site, fate: before.fate, by: before.by, seconds: before.seconds });
      return;
    }
    const reaching = within(
      depth,
      baselines.filter(({ reached }) => reached.has(id)),
    );
    const passed = new Set(before?.passed ?? []);
    const left = reaching.filter(({ key }) => !passed.has(key));
    if (Date.now() > deadline && left.length > 0) {
      notRun += 1;
      return;
    }
    const started = Date.now();
    const done = (fate: Outcome["fate"], by: string | null): void => {
      const seconds = (Date.now() - started) / 1_000;
      outcomes.push({ site, fate, by, seconds });
      journal.add({ kind: "mutant", id, fate, by, seconds, passed: [...passed] });
      const { file, line, original, mutated } = site;
      if (fate !== "killed") console.log(`  ${fate}: ${file}:${line} ${original} → ${mutated}`);
      if (outcomes.length % 25 === 0) console.log(`  ${outcomes.length} of ${mutants.length} run`);
    };
    if (reaching.length === 0) return done("not reached", null);
    for (const group of grouped(left)) {
      const usual = group.reduce((sum, { seconds }) => sum + seconds, 0);
      const order = {
        marker: id,
        groups: [group.map(({ suite }) => suite)],
        traced: false,
        ...except,
      };
      try {
        const failed = firstFailure(await send(order, LEAST_SECONDS + usual * PATIENCE));
        if (failed !== null) return done("killed", failed);
        for (const { key } of group) passed.add(key);
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
async function measureBaselines(
  pool: WorkerPool,
  journal: Journal,
  suites: readonly Artifact[],
): Promise<Baseline[]> {
  const baselines: Baseline[] = [];
  await pool.each(suites, async (artifact, send) => {
    const suite = suiteName(artifact);
    const key = suiteKey(artifact);
    let record = journal.suite(key);
    if (record === undefined) {
      const order = { marker: Number(TRACE), groups: [[suite]], traced: true };
      const { runs, reports } = await send(order, BASELINE_SECONDS);
      const seconds = runs.reduce((sum, run) => sum + run.seconds, 0);
      const failures = runs.flatMap((run) => run.failures.map(({ test }) => test));
      record = { kind: "suite", key, seconds, reached: reports, failures };
      journal.add(record);
      if (seconds > SLOW_SECONDS) console.log(`  ${suite} takes ${seconds.toFixed(0)} s`);
    }
    const { seconds, failures } = record;
    baselines.push({ suite, key, seconds, reached: new Set(record.reached), failures });
  });
  return baselines.sort((a, b) => a.seconds - b.seconds);
}

/** The quickest suites, as many as the depth allows, and at least one. */
function within(depth: number, baselines: readonly Baseline[]): Baseline[] {
  let taken = 0;
  return baselines.filter(({ seconds }, index) => {
    taken += seconds;
    return index === 0 || taken <= depth;
  });
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
