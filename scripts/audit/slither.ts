import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { Missing } from "./missing.ts";
import { contractSources, stage } from "./sources.ts";
import { type Verdict, verdicts } from "./verdicts.ts";

const VERSION = "0.11.6";
const FOLDER = resolve("cache/audit");
/** What others wrote, and what only tests deploy. */
const NOT_OURS = "@openzeppelin|@chainlink|contracts/mocks";

const elementSchema = z.object({
  name: z.string(),
  type_specific_fields: z.object({ parent: z.object({ name: z.string() }).nullish() }).nullish(),
});
const findingSchema = z.object({
  check: z.string(),
  impact: z.string(),
  description: z.string(),
  elements: z.array(elementSchema),
});
const reportSchema = z.object({
  success: z.boolean(),
  error: z.string().nullable(),
  results: z.object({ detectors: z.array(findingSchema).default([]) }),
});

type Finding = z.infer<typeof findingSchema>;

/** Runs Slither over the contracts. Returns what is wrong: findings without a verdict, and verdicts without a finding. */
export function slither(): string[] {
  const program = install();
  const stageFolder = join(FOLDER, "stage");
  const report = join(FOLDER, "slither.json");
  for (const old of [stageFolder, report]) rmSync(old, { recursive: true, force: true });
  const input = stage(stageFolder, contractSources());
  const run = spawnSync(
    program,
    [
      input,
      ...["--compile-force-framework", "Solc-json", "--solc", compiler()],
      ...["--filter-paths", NOT_OURS, "--json", report],
    ],
    { cwd: stageFolder, encoding: "utf8", maxBuffer: 1 << 28 },
  );
  if (!existsSync(report)) return [`Slither wrote no report: ${run.stderr.slice(-2_000)}`];
  const { success, error, results } = reportSchema.parse(JSON.parse(readFileSync(report, "utf8")));
  if (!success) return [`Slither failed: ${error}`];
  const unread = [...run.stderr.matchAll(/Impossible to generate IR for (\S+)/g)].map(
    ([, name]) => name,
  );
  const { problems, counts } = judge(results.detectors, verdicts);
  for (const [check, count] of counts) console.log(`  ${String(count).padStart(4)}  ${check}`);
  if (unread.length > 0) console.log(`  Slither could not read: ${unread.join(", ")}`);
  return problems;
}

/** Every finding needs a verdict, and every verdict a finding. */
export function judge(findings: readonly Finding[], given: readonly Verdict[]) {
  const counts = new Map<string, number>();
  const used = new Set<string>();
  const problems: string[] = [];
  for (const finding of findings) {
    const { check, impact, description } = finding;
    counts.set(check, (counts.get(check) ?? 0) + 1);
    const place = placeOf(finding);
    const verdict = given.find(
      ({ about, where }) => about === check && (where === "everywhere" || where.includes(place)),
    );
    if (verdict === undefined) {
      problems.push(`${check} (${impact}) at ${place} has no verdict: ${description.trim()}`);
    } else {
      used.add(`${check} ${verdict.where === "everywhere" ? "everywhere" : place}`);
    }
  }
  for (const { about, where } of given) {
    for (const place of where === "everywhere" ? ["everywhere"] : where) {
      if (!used.has(`${about} ${place}`)) {
        problems.push(`The verdict on ${about} at ${place} is about nothing any more; remove it`);
      }
    }
  }
  return { problems, counts };
}

/** "Contract.function" of what a finding is about first. */
function placeOf({ elements }: Finding): string {
  const [first] = elements;
  const parent = first?.type_specific_fields?.parent?.name;
  return parent === undefined ? (first?.name ?? "nowhere") : `${parent}.${first?.name}`;
}

/** Slither in a Python environment of its own. */
function install(): string {
  const environment = join(FOLDER, `slither-${VERSION}`);
  const program = join(environment, "bin", "slither");
  if (existsSync(program)) return program;
  mkdirSync(FOLDER, { recursive: true });
  try {
    execFileSync("python3", ["-m", "venv", environment], { stdio: "pipe" });
    const pip = join(environment, "bin", "pip");
    execFileSync(pip, ["install", "--quiet", `slither-analyzer==${VERSION}`], { stdio: "pipe" });
  } catch (error) {
    rmSync(environment, { recursive: true, force: true });
    const reason = error instanceof Error ? error.message.trim() : String(error);
    throw new Missing(
      `Slither ${VERSION} needs python3 with venv, and PyPI to install it from: ${reason}`,
    );
  }
  return program;
}

/** npm's compiler as a program. */
function compiler(): string {
  const program = join(FOLDER, "solc");
  const script = join(import.meta.dirname, "solc.ts");
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`);
  chmodSync(program, 0o755);
  return program;
}
