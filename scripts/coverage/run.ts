import type { Artifact } from "../instrument/compile.ts";
import { Journal, suiteKey } from "../instrument/journal.ts";
import { TimedOut, WorkerPool } from "../instrument/pool.ts";
import { isSuite, suiteName } from "../instrument/suites.ts";

const SUITE_SECONDS = 1_800;

export interface RunSettings {
  /** The instrumented sources, however long. */
  readonly identity: string;
  readonly jobs: number;
  readonly artifactsFile: string;
}

/** The ids that the suites report; what a suite reported on the same code before is not asked again. */
export async function runSuites(
  contracts: readonly Artifact[],
  tests: readonly Artifact[],
  { identity, jobs, artifactsFile }: RunSettings,
): Promise<Set<number>> {
  const journal = new Journal(identity);
  const reported = new Set<number>();
  // Random histories take the longest, and reach the least that nothing else does.
  const suites = tests
    .filter(isSuite)
    .sort((a, b) => Number(isOfHistories(a)) - Number(isOfHistories(b)));
  const left = suites.filter((artifact) => {
    const before = journal.suite(suiteKey(artifact));
    for (const id of before?.reached ?? []) reported.add(id);
    return before === undefined;
  });
  console.log(`running ${left.length} of ${suites.length} suites`);
  const pool = new WorkerPool([...contracts, ...tests], artifactsFile, jobs);
  let done = 0;
  await pool.each(left, async (artifact, send) => {
    const suite = suiteName(artifact);
    try {
      const { reports, runs } = await send(
        { marker: 0, groups: [[suite]], traced: true },
        SUITE_SECONDS,
      );
      for (const id of reports) reported.add(id);
      const seconds = runs.reduce((sum, run) => sum + run.seconds, 0);
      // Tests that measure gas or code fail here; what they reached before counts.
      const failures = runs.flatMap((run) =>
        run.failures.map(({ test, reason }) => `${test}: ${reason}`),
      );
      for (const failure of failures) console.log(`  ${suite} ${failure}`.slice(0, 160));
      journal.add({ kind: "suite", key: suiteKey(artifact), seconds, reached: reports, failures });
    } catch (error) {
      if (!(error instanceof TimedOut)) throw error;
      console.log(`  ${suite}: ${error.message}; what it reaches is not counted`);
    }
    done += 1;
    if (done % 20 === 0) console.log(`  ${done} of ${left.length} run`);
  });
  return reported;
}

function isOfHistories({ id }: Artifact): boolean {
  return id.source.startsWith("test/invariant/");
}
