import { readFileSync } from "node:fs";
import { join } from "node:path";
import solc from "solc";
import { z } from "zod";
import type { Theorem } from "./theorems.ts";

export type Result = "proved" | "refuted" | "open";

export interface Proof {
  readonly theorem: Theorem;
  readonly result: Result;
  /** Assertions, each proved on its own. */
  readonly assertions: number;
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
 * Lets the compiler's own model checker translate the theorems of a file, with all library code they call, and a solver look for arguments that break an
 * assertion. Arithmetic is that of the EVM: what overflows in checked code reverts, what overflows in unchecked code wraps. Assembly counts as "could return
 * anything".
 * @param solve takes SMT-LIB and answers as solvers do
 */
export function check(
  file: string,
  source: string,
  theorems: readonly Theorem[],
  solve: (query: string) => string,
): Proof[] {
  const contract = theorems[0]?.contract ?? "";
  const input = {
    language: "Solidity",
    sources: { [file]: { content: source } },
    settings: {
      evmVersion: "cancun",
      modelChecker: {
        engine: "bmc",
        solvers: ["smtlib2"],
        targets: ["assert"],
        contracts: { [file]: [contract] },
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
    smtSolver: (query: string) => ({ contents: solve(query) }),
  };
  const { errors } = outputSchema.parse(JSON.parse(solc.compile(JSON.stringify(input), callbacks)));
  for (const { severity, formattedMessage } of errors) {
    if (severity === "error") throw new Error(`${file}: ${formattedMessage}`);
  }
  const verdicts = errors.filter(({ message }) => message.includes("Assertion violation"));
  return theorems.map((theorem) => {
    const own = verdicts.filter(({ sourceLocation }) => {
      const at = sourceLocation?.start ?? -1;
      return at >= theorem.start && at < theorem.end;
    });
    const safe = own.filter(({ message }) => message.includes("check is safe"));
    const isRefuted = own.some(({ message }) => message.includes("happens here"));
    const isProved = own.length > 0 && safe.length === own.length;
    return {
      theorem,
      result: isProved ? "proved" : isRefuted ? "refuted" : "open",
      assertions: own.length,
      said: own
        .filter((verdict) => !safe.includes(verdict))
        .map(({ formattedMessage }) => formattedMessage.trim()),
    };
  });
}
