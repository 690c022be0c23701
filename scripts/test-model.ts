import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { InputError } from "./demo/input-error.ts";

const USAGE = `Usage: npm run test:model -- [options]

  Replays random sequences of actions on a house and on its reference model, and compares every balance, index, decision and error.

  --seeds N        How many sequences. Default: 200.
  --from S         Seed of the first; the others follow it. Default: chosen by the clock.
  --out FILE.json  Also write what was compared, how long it took, and every disagreement.
  --help           Show this.`;

const DEFAULT_SEEDS = "200";
const TEST = "test/differential/house.test.ts";

/** The options, or null when help was asked for. */
function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: "string", default: DEFAULT_SEEDS },
        from: { type: "string", default: String(Math.floor(Date.now() / 1_000) % 1_000_000_000) },
        out: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    return values.help ? null : values;
  } catch (error) {
    throw new InputError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

function requireCount(option: string, text: string, least: number): void {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new InputError(`--${option} is ${text}; it takes a whole number of at least ${least}`);
}

function main(): number {
  const options = parse(process.argv.slice(2));
  if (options === null) {
    console.log(USAGE);
    return 0;
  }
  const { seeds, from, out } = options;
  requireCount("seeds", seeds, 1);
  requireCount("from", from, 0);
  const environment = {
    ...process.env,
    MODEL_SEEDS: seeds,
    MODEL_FROM: from,
    ...(out === undefined ? {} : { MODEL_OUT: resolve(out) }),
  };
  console.log(`${seeds} seeds from ${from}`);
  const args = ["scripts/bootstrap.mjs", "hardhat", "test", "mocha", "--no-compile", TEST];
  const root = resolve(import.meta.dirname, "..");
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    env: environment,
    stdio: "inherit",
  });
  return status ?? 1;
}

try {
  process.exitCode = main();
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
