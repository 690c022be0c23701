import { readFileSync } from "node:fs";
import { join } from "node:path";
import solc from "solc";
import { z } from "zod";
import type { Theorem } from "./theorems.ts";
import { ask } from "./z3.ts";

export type Result = "proved" | "refuted" | "open";

export interface Proof {
  readonly theorem: Theorem;
  readonly result: Result;
  /** Assertions, each proved on its own. */
  readonly assertions: number;
  readonly seconds: number;
  /** What the checker says of those it did not prove, counterexamples included. */
  readonly said: readonly string[];
}

const outputSchema = z.object({
  errors: z
    .array(
      z.object({
        severity: z.string(),
        message: z.string(),
        formattedMessage: z.string(),
        sourceLocation: z.object({ file: z.string(), start: z.number() }).optional(),
      }),
    )
    .default([]),
});

/**
 * Lets the compiler's own model checker translate a theorem, with all library code it calls, and Z3 look for arguments that break an assertion. Arithmetic is
 * that of the EVM: what overflows in checked code reverts, what overflows in unchecked code wraps. Assembly counts as "could return anything".
 */
export function check(theorem: Theorem, z3: string, seconds: number): Proof {
  const started = Date.now();
  const { file, contract, name } = theorem;
  const input = {
    language: "Solidity",
    sources: { [file]: { content: onlyTheorem(readFileSync(file, "utf8"), name) } },
    settings: {
      evmVersion: "cancun",
      modelChecker: {
        engine: "bmc",
        solvers: ["smtlib2"],
        targets: ["assert"],
        contracts: { [file]: [contract] },
        timeout: seconds * 1_000,
        showProvedSafe: true,
        showUnproved: true,
      },
      outputSelection: { "*": { "*": ["abi"] } },
    },
  };
  const callbacks = {
    import: (path: string) => ({
      contents: readFileSync(path.startsWith("@") ? join("node_modules", path) : path, "utf8"),
    }),
    smtSolver: (query: string) => ({ contents: ask(z3, query, seconds) }),
  };
  const { errors } = outputSchema.parse(JSON.parse(solc.compile(JSON.stringify(input), callbacks)));
  for (const { severity, formattedMessage } of errors) {
    if (severity === "error") throw new Error(`${name}: ${formattedMessage}`);
  }
  const verdicts = errors.filter(({ message }) => message.includes("Assertion violation"));
  const safe = verdicts.filter(({ message }) => message.includes("check is safe"));
  const broken = verdicts.filter(({ message }) => message.includes("happens here"));
  const said = verdicts
    .filter((verdict) => !safe.includes(verdict))
    .map(({ formattedMessage }) => formattedMessage.trim());
  const isProved = verdicts.length > 0 && safe.length === verdicts.length;
  return {
    theorem,
    result: isProved ? "proved" : broken.length > 0 ? "refuted" : "open",
    assertions: verdicts.length,
    seconds: (Date.now() - started) / 1_000,
    said,
  };
}

/** The file with one theorem left, so that each has its own time and its own failure. Lines keep their numbers. */
export function onlyTheorem(text: string, name: string): string {
  return text.replace(/^ {4}function (prove_\w+)\([\s\S]*?^ {4}\}$/gm, (whole, found: string) =>
    found === name ? whole : `//${"\n".repeat(whole.split("\n").length - 1)}`,
  );
}
