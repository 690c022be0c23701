import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";

/** A function that asserts what shall hold for all its arguments. */
export interface Theorem {
  readonly file: string;
  readonly contract: string;
  readonly name: string;
  /** What it says, in words. */
  readonly claim: string;
  /** What it requires of the arguments, as written. */
  readonly bounds: readonly string[];
  /** Where it stands in its file, in bytes. */
  readonly start: number;
  readonly end: number;
}

const FUNCTION =
  /\/\/\/ @notice ((?:.|\n(?=\s*\/\/\/ (?!@)))*)\n(?:\s*\/\/\/.*\n)*\s*function (prove_\w+)\(/g;

/** All theorems of the project, file by file. */
export function readTheorems(glob = "test/proofs/*.sol"): Theorem[] {
  return globSync(glob)
    .sort()
    .flatMap((file) => theoremsOf(file.replaceAll("\\", "/"), readFileSync(file, "utf8")));
}

export function theoremsOf(file: string, text: string): Theorem[] {
  const found = [...text.matchAll(FUNCTION)];
  return found.map(({ index, 1: notice = "", 2: name = "" }, position) => {
    const to = found[position + 1]?.index ?? text.length;
    const body = text.slice(index, to);
    const bounds = [...body.matchAll(/require\(((?:[^;])*)\);/g)].map(([, bound = ""]) =>
      bound.replace(/\s+/g, " "),
    );
    return {
      file,
      contract: basename(file, ".sol"),
      name,
      claim: notice.replace(/\s*\/\/\/ /g, " ").trim(),
      bounds,
      start: Buffer.byteLength(text.slice(0, index)),
      end: Buffer.byteLength(text.slice(0, to)),
    };
  });
}
