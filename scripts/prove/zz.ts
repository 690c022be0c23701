import { readFileSync } from "node:fs";
import { check, onlyTheorem } from "./checker.ts";
import { readTheorems } from "./theorems.ts";
import { installZ3 } from "./z3.ts";

const z3 = installZ3();
const t = readTheorems();
console.log(t.length, t.map((x) => x.name).slice(0, 3));
const one = t.find((x) => x.name === process.argv[2]);
if (one === undefined) throw 1;
console.log(one);
console.log(
  onlyTheorem(readFileSync(one.file, "utf8"), one.name)
    .replace(/\n\s*\n+/g, "\n")
    .slice(0, 1500),
);
console.time("check");
console.log(check(one, z3, 20));
console.timeEnd("check");
