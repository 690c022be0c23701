// npm run audit: what tools find in the contracts that tests do not look for.

import { prove } from "../prove/prove.ts";
import { Missing } from "./missing.ts";
import { slither } from "./slither.ts";

const steps = { slither, prove: () => prove() };

let failed = false;
for (const [name, step] of Object.entries(steps)) {
  console.log(`${name}:`);
  try {
    const problems = step();
    for (const problem of problems) console.error(problem);
    console.log(`${name}: ${problems.length === 0 ? "ok" : `${problems.length} problems`}`);
    failed ||= problems.length > 0;
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    console.error(`${name}: not run. ${error.message}`);
    failed = true;
  }
}
if (failed) process.exitCode = 1;
