import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Remedy } from "../../sdk/src/errorRemedies.ts";

/** An error as an ABI has it. */
export interface ErrorEntry {
  readonly name: string;
  readonly inputs: readonly { readonly name: string; readonly internalType: string }[];
}

/** An error as a source of ours declares it. */
export interface DeclaredError {
  readonly name: string;
  readonly file: string;
  /** Its NatSpec; empty without. */
  readonly notice: string;
}

/** What the compiler itself throws: in no ABI. */
const BUILT_IN = ["Error", "Panic"];

/** Every error that the contracts declare, with what its NatSpec says. */
export function declaredErrors(): DeclaredError[] {
  return globSync("contracts/**/*.sol")
    .map((file) => file.replaceAll("\\", "/"))
    .sort()
    .flatMap((file) => declaredIn(file, readFileSync(file, "utf8")));
}

export function declaredIn(file: string, source: string): DeclaredError[] {
  const declaration = /((?:^[ \t]*\/\/\/.*\n)*)^[ \t]*error\s+(\w+)\s*\(/gm;
  return [...source.matchAll(declaration)].map(([, comment = "", name = ""]) => ({
    name,
    file,
    notice: noticeOf(comment),
  }));
}

/** What stands after `@notice`, up to the next tag. */
function noticeOf(comment: string): string {
  const text = comment
    .split("\n")
    .map((line) => line.replace(/^\s*\/\/\/\s?/, "").trim())
    .join(" ");
  return (/@notice\s+(.*?)(?=\s@\w|$)/.exec(text)?.[1] ?? "").trim();
}

export interface Registry {
  readonly entries: readonly ErrorEntry[];
  readonly sentences: Readonly<Record<string, string>>;
  readonly remedies: readonly Remedy[];
  readonly declared: readonly DeclaredError[];
}

/** What is missing from the registry of errors, or too much in it; each problem names the error and says what to do. */
export function registryProblems(registry: Registry): string[] {
  const { entries, sentences, remedies, declared } = registry;
  const known = new Set([...entries.map(({ name }) => name), ...BUILT_IN]);
  const placed = remedies.flatMap(({ errors }) => errors);
  return [
    ...declaredTwice(declared),
    ...entries.flatMap((entry) => sentenceProblems(entry, sentences[entry.name])),
    ...[...known]
      .filter((name) => !placed.includes(name))
      .map((name) => `error ${name} has no hint: add it to a remedy in sdk/src/errorRemedies.ts`),
    ...repeated(placed).map(
      (name) => `error ${name} is in several remedies of sdk/src/errorRemedies.ts: keep one`,
    ),
    ...[...new Set([...Object.keys(sentences), ...placed])]
      .filter((name) => !known.has(name))
      .map((name) => `${name} is no error of any contract any more: remove it from sdk/src`),
    ...remedies
      .filter(({ hint }) => !/^[A-Z].{20,}\.$/.test(hint))
      .map(({ title }) => `the hint of "${title}" is no full sentence`),
    ...repeated([
      ...[...new Set(placed)].map((name) => name.toLowerCase()),
      ...remedies.map(({ title }) => slugOf(title)),
    ]).map((anchor) => `docs/errors.md would have two headings at #${anchor}: rename one`),
  ];
}

function sentenceProblems({ name, inputs }: ErrorEntry, sentence: string | undefined): string[] {
  if (sentence === undefined) {
    return [`error ${name} has no sentence: add one to sdk/src/errorSentences.ts`];
  }
  return inputs
    .filter((input) => !new RegExp(`\\{${input.name}(:\\w+)?\\}`).test(sentence))
    .map((input) => `the sentence of error ${name} does not say {${input.name}}`);
}

/** A custom error is declared once in the tree, so its selector says who refused and its NatSpec is the only one. */
function declaredTwice(declared: readonly DeclaredError[]): string[] {
  const owners = Map.groupBy(declared, ({ name }) => name);
  return [...owners]
    .filter(([, places]) => places.length > 1)
    .map(([name, places]) => {
      const files = places.map(({ file }) => basename(file)).join(", ");
      return `error ${name} is declared ${places.length} times: ${files}`;
    });
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

/** A heading's anchor, as Git hosts make it. */
function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w -]/g, "")
    .replaceAll(" ", "-");
}
