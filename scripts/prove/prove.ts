import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { check, type Proof } from "./checker.ts";
import { readTheorems } from "./theorems.ts";
import { installZ3 } from "./z3.ts";

/** {s} for each assertion. */
const PATIENCE = 60;
const PAGE = "docs/proofs.md";
const TABLE = /(<!-- proofs -->\n)[\s\S]*(<!-- \/proofs -->)/;

/** Proves every theorem. Returns what is wrong: theorems that are refuted or stay open. */
export function prove(only = "", outFile: string | null = null, isWriting = false): string[] {
  const z3 = installZ3();
  const proofs: Proof[] = [];
  for (const theorem of readTheorems()) {
    if (!`${theorem.file} ${theorem.name}`.includes(only)) continue;
    const proof = check(theorem, z3, PATIENCE);
    proofs.push(proof);
    console.log(
      `  ${proof.result} (${proof.seconds.toFixed(1)} s, ${proof.assertions} assertions): ${theorem.contract}.${theorem.name}`,
    );
  }
  const proved = proofs.filter(({ result }) => result === "proved").length;
  console.log(`  ${proved} of ${proofs.length} theorems proved`);
  if (outFile !== null) {
    mkdirSync(dirname(resolve(outFile)), { recursive: true });
    writeFileSync(outFile, `${JSON.stringify(proofs, null, 2)}\n`);
  }
  if (isWriting) {
    const page = readFileSync(PAGE, "utf8");
    writeFileSync(
      PAGE,
      page.replace(TABLE, (_, open: string, close: string) => `${open}${tableOf(proofs)}${close}`),
    );
  }
  return proofs
    .filter(({ result }) => result !== "proved")
    .map(
      ({ theorem, result, said }) =>
        `${theorem.file} ${theorem.name} is ${result}:\n${said.join("\n")}`,
    );
}

/** The table of docs/proofs.md. */
export function tableOf(proofs: readonly Proof[]): string {
  const rows = proofs.map(
    ({ theorem: { contract, name, claim, bounds }, assertions, result, seconds }) => {
      const given =
        bounds.map((bound) => `\`${bound.replaceAll("|", "\\|")}\``).join("<br>") || "none";
      return `| ${contract.replace(/Proofs$/, "")} | \`${name}\` | ${claim.replaceAll("|", "\\|")} | ${given} | ${result}, ${assertions} | ${seconds.toFixed(1)} |`;
    },
  );
  return `
| Library | Theorem | What holds | For all arguments with | Result, assertions | {s} |
| --- | --- | --- | --- | --- | --- |
${rows.join("\n")}

`;
}
