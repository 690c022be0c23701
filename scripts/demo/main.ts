// npm run demo: a crash, played against a whole house on a chain of its own.

import { styleText } from "node:util";
import { Cleanup } from "./cleanup.ts";
import { type DemoOptions, parseOptions, USAGE } from "./cli.ts";
import { InputError } from "./input-error.ts";
import { loadScenario } from "./prices/scenario.ts";
import { outputOf } from "./progress.ts";

// Hardhat's node writes a trace of every step it executes and frees it again. Its allocator, which reads this when it is loaded, would hand that memory
// back to the system each time and get it back as fresh pages, which costs as much as executing.
process.env.MIMALLOC_PURGE_DELAY ??= "-1";

const cleanup = new Cleanup();
/** What shells report of a process that a signal ended. */
const SIGNAL_STATUS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

for (const [signal, status] of Object.entries(SIGNAL_STATUS)) {
  process.once(signal, () => {
    void cleanup.run().finally(() => process.exit(status));
  });
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) process.stdout.write(`${USAGE}\n`);
  else process.exitCode = await demo(options);
} catch (error) {
  process.stderr.write(`${describe(error)}\n`);
  process.exitCode = 1;
} finally {
  await cleanup.run();
}

/** Prices are read before anything is built or started, so what is wrong with a file is said at once. */
async function demo(options: DemoOptions): Promise<number> {
  const scenario = await loadScenario(options);
  const output = outputOf(process.stderr);
  output.write("Building the contracts, where they changed …\n");
  await buildContracts();
  // Only now: a build writes the ABIs that the rest is typed with.
  const { runDemo } = await import("./run.ts");
  const { writeChart } = await import("./chart/chart.ts");
  const { exitStatus, writeReport } = await import("./report/report.ts");
  const { formatReport } = await import("./report/table.ts");
  const { chart, keeperLog } = await runDemo({ options, scenario, output, cleanup });
  await writeReport({ file: options.reportFile, report: chart.report });
  await writeChart({ file: options.chartFile, ...chart });
  process.stdout.write(`\n${formatReport(chart.report)}\n\n`);
  const places = [
    ["chart, to open in a browser", options.chartFile],
    ["every figure", options.reportFile],
    ["what the keeper did", keeperLog],
  ];
  const lines = places.map(([what, where]) => `  ${where}  ${styleText("dim", `${what}`)}`);
  process.stdout.write(`Where to look next\n${lines.join("\n")}\n`);
  return exitStatus(chart.report);
}

async function buildContracts(): Promise<void> {
  const { default: hre } = await import("hardhat");
  await hre.tasks.getTask("build").run({ noTests: true, quiet: true });
}

function describe(error: unknown): string {
  if (error instanceof InputError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\n  because ${describe(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
