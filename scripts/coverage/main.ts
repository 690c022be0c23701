// npm run coverage: which lines and branches of the contracts the Solidity tests reach.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { main } from "../bench/main.ts";
import { build } from "../instrument/build.ts";
import { compile } from "../instrument/compile.ts";
import { PROBE_CODE, PROBE_SOURCE } from "../instrument/probe.ts";
import { deployableSources, soliditySources } from "../instrument/sources.ts";
import { readTree } from "../instrument/syntax.ts";
import { type Options, parseOptions, USAGE } from "./cli.ts";
import { type Branch, type Stretch, writeProbes } from "./probes.ts";
import { type CoverageReport, reportCoverage, share, sum } from "./report.ts";
import { runSuites } from "./run.ts";
import { verdicts } from "./verdicts.ts";

const FOLDERS = ["core", "libraries", "liquidation", "solvency"].map(
  (name) => `contracts/${name}/`,
);
const LEAST_BRANCHES = 0.98;

await main(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) console.log(USAGE);
  else await cover(options);
});

async function cover(options: Options): Promise<void> {
  const sources = deployableSources();
  const { trees } = await compile(sources, "trees");
  const branches: Branch[] = [];
  const stretches: Stretch[] = [];
  const written = new Map(sources).set(PROBE_SOURCE, PROBE_CODE);
  for (const [file, text] of sources) {
    if (!FOLDERS.some((folder) => file.startsWith(folder))) continue;
    const nextId = branches.length + stretches.length + 1;
    const probed = writeProbes(file, Buffer.from(text), readTree(trees.get(file)), nextId);
    written.set(file, probed.text);
    branches.push(...probed.branches);
    stretches.push(...probed.stretches);
  }
  console.log(`${branches.length} branches, ${stretches.length} stretches of lines; compiling`);
  const testSources = soliditySources("test/**/*.sol");
  const { contracts, tests } = await build(written, testSources, (error, instrumented) => {
    // Too many variables for the tests' code generator: there, the file goes without probes.
    const file = error.sourceLocation?.file ?? "";
    const text = sources.get(file);
    if (text === undefined) throw new Error(`A test does not compile: ${error.formattedMessage}`);
    return new Map(instrumented).set(file, text);
  });
  const reported = await runSuites(contracts, tests, {
    identity: JSON.stringify([...written]),
    jobs: options.jobs,
    artifactsFile: resolve("cache/instrument/covered.json"),
  });
  present(options, reportCoverage(branches, stretches, reported, verdicts));
}

function present(options: Options, report: CoverageReport): void {
  const { files, total, uncoveredBranches, uncoveredLines, staleVerdicts } = report;
  const row = (name: string, one: typeof total) =>
    `${name}: ${percent(share(one.branchesCovered, one.branches))} of ${one.branches} branches, ${percent(share(one.linesCovered, one.lines))} of ${one.lines} lines`;
  for (const [file, one] of files) console.log(row(file, one));
  for (const { file, line, condition, outcome, why } of uncoveredBranches) {
    console.log(`${file}:${line} never ${outcome}: ${condition}\n    ${why ?? "NOT EXPLAINED"}`);
  }
  for (const [file, lines] of uncoveredLines)
    console.log(`${file} lines not reached: ${lines.join(", ")}`);
  for (const { place, condition, outcome } of staleVerdicts) {
    console.log(
      `The verdict on ${place}, ${condition} being ${outcome}, is about nothing any more; remove it`,
    );
  }
  const folders = FOLDERS.map((folder) => {
    const own = [...files].filter(([file]) => file.startsWith(folder)).map(([, one]) => one);
    return [folder, sum(own)] as const;
  });
  for (const [folder, one] of folders) console.log(row(folder, one));
  console.log(row("all", total));
  if (options.out !== null) {
    mkdirSync(dirname(resolve(options.out)), { recursive: true });
    const content = {
      total,
      leastBranches: LEAST_BRANCHES,
      branches: share(total.branchesCovered, total.branches),
      lines: share(total.linesCovered, total.lines),
      folders: Object.fromEntries(folders),
      files: Object.fromEntries(files),
      uncoveredBranches: uncoveredBranches.map(({ id: _, ...branch }) => branch),
      uncoveredLines: Object.fromEntries(uncoveredLines),
    };
    writeFileSync(options.out, `${JSON.stringify(content, null, 2)}\n`);
  }
  if (share(total.branchesCovered, total.branches) < LEAST_BRANCHES) {
    console.error(`Fewer than ${percent(LEAST_BRANCHES)} of the branches are reached`);
    process.exitCode = 1;
  }
}

function percent(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}
