import { checkErrors } from "./check-errors.ts";
import { checkImports } from "./check-imports.ts";
import { checkSizes } from "./check-sizes.ts";
import { checkTestNames } from "./check-test-names.ts";

/** The rules of this repository that no other tool knows. */
const checks = { checkImports, checkErrors, checkTestNames, checkSizes };

let failed = false;
for (const [name, check] of Object.entries(checks)) {
  const problems = await check();
  for (const problem of problems) console.error(problem);
  console.log(`${name}: ${problems.length === 0 ? "ok" : `${problems.length} problems`}`);
  failed ||= problems.length > 0;
}
if (failed) process.exitCode = 1;
