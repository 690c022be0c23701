import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";

/** A statement about real numbers: the algebra behind a formula, its roundings aside. */
export interface Lemma {
  readonly name: string;
  readonly claim: string;
  /** Which code it is about. */
  readonly about: string;
  /** What is given, and what would contradict the claim. */
  readonly premises: string;
  readonly query: string;
}

export interface LemmaProof {
  readonly lemma: Lemma;
  readonly result: "proved" | "refuted" | "open" | "vacuous";
}

const CONTRADICTION = "(assert (not ";

export function readLemmas(glob = "test/proofs/lemmas/*.smt2"): Lemma[] {
  return globSync(glob)
    .sort()
    .map((file) => lemmaOf(basename(file, ".smt2"), readFileSync(file, "utf8")));
}

export function lemmaOf(name: string, text: string): Lemma {
  const [, claim] = /^; claim: (.*)$/m.exec(text) ?? [];
  const [, about] = /^; of: (.*)$/m.exec(text) ?? [];
  const end = text.lastIndexOf(CONTRADICTION);
  if (claim === undefined || about === undefined || end === -1) {
    throw new Error(
      `Lemma ${name} needs "; claim:", "; of:" and its claim denied in the last assertion`,
    );
  }
  return { name, claim, about, premises: `${text.slice(0, end)}(check-sat)\n`, query: text };
}

/** A lemma holds when nothing contradicts it, and says something when its premises can be met. */
export function checkLemma(lemma: Lemma, solve: (query: string) => string): LemmaProof {
  const answer = solve(lemma.query).trim();
  if (answer !== "unsat") return { lemma, result: answer === "sat" ? "refuted" : "open" };
  return { lemma, result: solve(lemma.premises).trim() === "sat" ? "proved" : "vacuous" };
}
