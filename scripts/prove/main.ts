// npm run prove: theorems about the pure libraries, for all arguments.

import { Missing } from "../audit/missing.ts";
import { main } from "../bench/main.ts";
import { InputError } from "../demo/input-error.ts";
import { readOptions } from "../options.ts";
import { prove } from "./prove.ts";

const USAGE = `Usage: npm run prove -- [options]

  Proves the theorems of test/proofs with the compiler's model checker and Z3, and fails where one is refuted or stays open.

  --only TEXT      Only files whose path contains this.
  --out FILE.json  Also write the results.
  --write          Renew the table of docs/proofs.md.
  --help           Show this.`;

await main(async () => {
  const options = readOptions(process.argv.slice(2), USAGE, {
    only: { type: "string" },
    out: { type: "string" },
    write: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  });
  if (options.help) {
    console.log(USAGE);
    return;
  }
  if (options.write && options.only !== undefined) {
    throw new InputError("--write renews the whole table: it goes without --only");
  }
  try {
    const problems = prove({
      only: options.only ?? "",
      outFile: options.out ?? null,
      isWriting: options.write,
    });
    for (const problem of problems) console.error(problem);
    if (problems.length > 0) process.exitCode = 1;
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    throw new InputError(`Nothing was proved. ${error.message}`, { cause: error });
  }
});
