// node solc.ts INPUT.json OUTPUT.json: npm's compiler, standard JSON in and out.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import solc from "solc";

const [, , input = "", output = ""] = process.argv;
writeFileSync(output, solc.compile(readFileSync(input, "utf8")));
rmSync(input);
