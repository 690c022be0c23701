import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { Missing } from "../audit/missing.ts";

const VERSION = "4.12.6.0";
const FOLDER = resolve("cache/prove");

/** Z3 in a Python environment of its own. */
export function installZ3(): string {
  const environment = join(FOLDER, `z3-${VERSION}`);
  const program = join(environment, "bin", "z3");
  if (existsSync(program)) return program;
  mkdirSync(FOLDER, { recursive: true });
  try {
    execFileSync("python3", ["-m", "venv", environment], { stdio: "pipe" });
    const pip = join(environment, "bin", "pip");
    execFileSync(pip, ["install", "--quiet", `z3-solver==${VERSION}`], { stdio: "pipe" });
  } catch (error) {
    rmSync(environment, { recursive: true, force: true });
    const reason = error instanceof Error ? error.message.trim() : String(error);
    throw new Missing(
      `Z3 ${VERSION} needs python3 with venv, and PyPI to install it from: ${reason}`,
    );
  }
  return program;
}

/** Z3's own measure of work, so that a busy machine proves as much as an idle one: some ten seconds. */
const WORK = 60_000_000;
/** {s} */
const PATIENCE = 900;

/** Asks Z3. What it prints after "unsat" is its complaint that there is no counterexample to show. */
export function ask(program: string, query: string): string {
  const { stdout } = spawnSync(program, ["-smt2", `rlimit=${WORK}`, `-T:${PATIENCE}`, "-in"], {
    input: query,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  return stdout.startsWith("timeout") ? "unknown\n" : stdout;
}
