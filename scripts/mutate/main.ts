// npm run mutate: which changes of the contracts no test notices.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { main } from "../bench/main.ts";
import { build } from "../instrument/build.ts";
import { deployableSources, soliditySources } from "../instrument/sources.ts";
import { isSuite } from "../instrument/suites.ts";
import { type Options, parseOptions, USAGE } from "./cli.ts";
import { type MutationRun, runMutants } from "./run.ts";
import { drawSample } from "./sample.ts";
import { folderOf, isKilled, overallScore, scoreFolders, verdictOn } from "./score.ts";
import type { Site } from "./sites.ts";
import { allSites, instrument, refusedBy, validSites } from "./valid.ts";
import { verdicts } from "./verdicts.ts";

/** What the project asks of its tests. */
const LEAST_SCORE = 0.85;

await main(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) console.log(USAGE);
  else await mutate(options);
});

async function mutate(options: Options): Promise<void> {
  const started = Date.now();
  const elapsed = () => `${((Date.now() - started) / 60_000).toFixed(1)} min`;
  const sources = deployableSources();
  const isWanted = (file: string) => options.prefixes.some((prefix) => file.startsWith(prefix));
  const sites = await allSites(sources, isWanted);
  const drawn = await validSites(
    sources,
    drawSample(sites, folderOf, options.sample, options.seed),
  );
  const mutants = drawn.map((site, index) => ({ id: index + 1, site }));
  console.log(
    `${elapsed()}: ${sites.length} sites, ${mutants.length} mutants; compiling them as one`,
  );
  const testSources = soliditySources(options.suites);
  let alone = mutants;
  const instrumented = instrument(sources, mutants);
  const { contracts, tests } = await build(instrumented, testSources, (error, written) => {
    const refused = refusedBy([error], written);
    alone = alone.filter(({ id }) => !refused.has(id));
    return instrument(sources, alone);
  });
  console.log(`${elapsed()}: running ${tests.filter(isSuite).length} suites on the original`);
  const run = await runMutants(contracts, tests, mutants, {
    identity: JSON.stringify([...instrumented]),
    jobs: options.jobs,
    artifactsFile: resolve("cache/instrument/mutants.json"),
    deadline: started + options.budget * 60_000,
    depth: options.depth,
    isEquivalent: ({ site }) => verdictOn(site, verdicts)?.kind === "equivalent",
  });
  report(options, sites, run, (Date.now() - started) / 60_000);
}

function report(options: Options, sites: readonly Site[], run: MutationRun, minutes: number): void {
  const scores = scoreFolders(sites, run.outcomes, verdicts);
  const score = overallScore(scores, "score");
  const survivors = run.outcomes
    .filter((outcome) => !isKilled(outcome))
    .map(({ site, fate }) => {
      const { file, line, place, operator, original, mutated } = site;
      const verdict = verdictOn(site, verdicts);
      const { kind = null, why = null } = verdict ?? {};
      return { file, line, place, operator, original, mutated, fate, kind, why };
    })
    .sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
  for (const { file, line, original, mutated, fate, kind, why } of survivors) {
    console.log(
      `${file}:${line} ${fate}: ${original} → ${mutated}\n    ${why === null ? "NOT EXPLAINED" : `${kind}: ${why}`}`,
    );
  }
  for (const [folder, one] of scores) {
    console.log(
      `${folder}: ${percent(one.score)} killed (${one.killed} of ${one.mutants}; ${one.sites} sites), ${percent(one.scoreOfDifferent)} of those that differ; ${one.survived} survive, ${one.explained} explained`,
    );
  }
  const unexplained = survivors.filter(({ why }) => why === null).length;
  console.log(
    `all: ${percent(score)} killed, ${percent(overallScore(scores, "scoreOfDifferent"))} of those that differ; ${unexplained} survivors not explained; ${minutes.toFixed(1)} min${run.notRun === 0 ? "" : `; no time for ${run.notRun} mutants`}`,
  );
  if (options.out !== null) {
    mkdirSync(dirname(resolve(options.out)), { recursive: true });
    const { sample, seed } = options;
    const content = {
      sites: sites.length,
      sample: Number.isFinite(sample) ? sample : null,
      seed,
      minutes: Number(minutes.toFixed(1)),
      score,
      scoreOfDifferent: overallScore(scores, "scoreOfDifferent"),
      leastScore: LEAST_SCORE,
      folders: Object.fromEntries(scores),
      timedOut: run.outcomes.filter(({ fate }) => fate === "timed out").length,
      notRun: run.notRun,
      leftOut: run.leftOut,
      survivors,
      killed: run.outcomes.filter(isKilled).map(({ site, by }) => ({
        file: site.file,
        line: site.line,
        original: site.original,
        mutated: site.mutated,
        by,
      })),
    };
    writeFileSync(options.out, `${JSON.stringify(content, null, 2)}\n`);
  }
  if (score < LEAST_SCORE) {
    console.error(`The score is below ${percent(LEAST_SCORE)}`);
    process.exitCode = 1;
  }
}

function percent(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}
