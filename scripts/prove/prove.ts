import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { check, type Proof } from "./checker.ts";
import { checkLemma, type LemmaProof, readLemmas } from "./lemmas.ts";
import { readTheorems } from "./theorems.ts";
import { ask, installZ3 } from "./z3.ts";

/** A claim that is wrong, though only for few arguments: a checker that does not refute it proves nothing. */
const CANARY = "test/proofs/canary/CanaryProofs.sol";
const PAGE = "docs/proofs.md";
const TABLE = /(<!-- proofs -->\n)[\s\S]*(<!-- \/proofs -->)/;

export interface ProveOptions {
  /** Only theorems of files whose name contains this. */
  readonly only: string;
  readonly outFile: string | null;
  /** Whether the table of the page is renewed. */
  readonly isWriting: boolean;
}

/** Asks about every theorem. Returns what is wrong. */
export function prove(
  { only, outFile, isWriting }: ProveOptions = { only: "", outFile: null, isWriting: false },
): string[] {
  const z3 = installZ3();
  const solve = (query: string) => ask(z3, query);
  const [canary] = check(CANARY, readFileSync(CANARY, "utf8"), readTheorems(CANARY), solve);
  if (canary?.result !== "refuted") {
    return [
      `A false theorem is ${canary?.result}: the checker does not work, so nothing is proved`,
    ];
  }
  const proofs: Proof[] = [];
  const seconds = new Map<string, number>();
  for (const [file, theorems] of Map.groupBy(readTheorems(), (theorem) => theorem.file)) {
    if (!file.includes(only)) continue;
    const started = Date.now();
    const found = check(file, readFileSync(file, "utf8"), theorems, solve);
    for (const { theorem, result, assertions } of found) {
      console.log(`  ${result}: ${theorem.contract}.${theorem.name}, ${assertions} assertions`);
    }
    proofs.push(...found);
    seconds.set(file, (Date.now() - started) / 1_000);
    console.log(`  ${file}: ${((Date.now() - started) / 1_000).toFixed(0)} s`);
  }
  const lemmas = readLemmas()
    .filter(({ name }) => name.includes(only))
    .map((lemma) => checkLemma(lemma, solve));
  for (const { lemma, result } of lemmas) console.log(`  ${result}: lemma ${lemma.name}`);
  const proved = [...proofs, ...lemmas].filter(({ result }) => result === "proved").length;
  console.log(`  ${proved} of ${proofs.length} theorems and ${lemmas.length} lemmas proved`);
  if (outFile !== null) {
    mkdirSync(dirname(resolve(outFile)), { recursive: true });
    const content = { proofs, lemmas, seconds: Object.fromEntries(seconds) };
    writeFileSync(outFile, `${JSON.stringify(content, null, 2)}\n`);
  }
  let page = readFileSync(PAGE, "utf8");
  if (isWriting) {
    const table = `${tableOf(proofs)}${lemmaTableOf(lemmas)}`;
    page = page.replace(TABLE, (_, open: string, close: string) => `${open}${table}${close}`);
    writeFileSync(PAGE, page);
  }
  const recorded = recordedIn(page);
  return [
    ...proofs.flatMap((proof) => problemOf(proof, recorded.get(proof.theorem.name))),
    ...lemmas
      .filter(({ result }) => result !== "proved")
      .map(({ lemma, result }) => `Lemma ${lemma.name} is ${result}`),
  ];
}

/** What the page says of each theorem. */
export function recordedIn(page: string): Map<string, string> {
  const rows = page.matchAll(/^\|[^|]*\| `(prove_\w+)` \|.*\| (\w+), \d+ \|$/gm);
  return new Map([...rows].map(([, name = "", result = ""]) => [name, result]));
}

/** What is wrong with a theorem: it is refuted, the page does not know it, or it was proved once and no longer is. That the solver has not settled a theorem the page calls open is no news. */
export function problemOf(
  { theorem, result, said }: Proof,
  recorded: string | undefined,
): string[] {
  const { file, name } = theorem;
  if (result === "refuted") return [`${file} ${name} is refuted:\n${said.join("\n")}`];
  if (recorded === undefined) return [`${name} is not in ${PAGE}: npm run prove -- --write`];
  if (recorded === "proved" && result === "open") {
    return [`${file} ${name} was proved, and no longer is:\n${said.join("\n")}`];
  }
  return [];
}

/** The table of docs/proofs.md. */
export function tableOf(proofs: readonly Proof[]): string {
  const rows = proofs.map(({ theorem: { contract, name, claim, bounds }, assertions, result }) => {
    const given = bounds.map((bound) => `\`${cell(bound)}\``).join("<br>") || "any";
    return `| ${contract.replace(/Proofs$/, "")} | \`${name}\` | ${cell(claim)} | ${given} | ${result}, ${assertions} |`;
  });
  return `
| Library | Theorem | What holds | For all arguments with | Result, assertions |
| --- | --- | --- | --- | --- |
${rows.join("\n")}

`;
}

export function lemmaTableOf(lemmas: readonly LemmaProof[]): string {
  const rows = lemmas.map(
    ({ lemma: { name, claim, about }, result }) =>
      `| \`${name}\` | ${cell(claim)} | ${cell(about)} | ${result} |`,
  );
  return `The algebra behind the formulas, over real numbers, without roundings (\`test/proofs/lemmas\`). Each lemma's premises can be met, which is checked too.

| Lemma | What holds | Behind | Result |
| --- | --- | --- | --- |
${rows.join("\n")}

`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
