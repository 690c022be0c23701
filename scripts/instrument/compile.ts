import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";

const CACHE = resolve("cache/instrument");

const linksSchema = z.record(
  z.string(),
  z.record(z.string(), z.array(z.object({ start: z.number(), length: z.number() }))),
);
const codeSchema = z.object({ object: z.string(), linkReferences: linksSchema });
const contractSchema = z.object({
  abi: z.array(z.unknown()),
  evm: z.object({ bytecode: codeSchema, deployedBytecode: codeSchema }),
});
const errorSchema = z.object({
  severity: z.string(),
  formattedMessage: z.string(),
  sourceLocation: z.object({ file: z.string(), start: z.number(), end: z.number() }).optional(),
});
const outputSchema = z.object({
  errors: z.array(errorSchema).default([]),
  sources: z.record(z.string(), z.object({ ast: z.unknown().optional() })).default({}),
  contracts: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});

export type CompilerError = z.infer<typeof errorSchema>;

/** What the compiler is asked for. */
export type Goal = "trees" | "code" | "testCode";

/** Contracts as they are deployed, but with a tenth of the optimizer's work; tests, which only call them, without it. */
const SETTINGS = {
  trees: {},
  code: {
    viaIR: true,
    optimizer: {
      enabled: false,
      details: {
        yul: true,
        yulDetails: { stackAllocation: true, optimizerSteps: "dhfoDgvuljcu:fDn" },
      },
    },
  },
  testCode: { optimizer: { enabled: false } },
};

const CODE_OUTPUT = [
  "abi",
  ...["bytecode", "deployedBytecode"].flatMap((kind) => [
    `evm.${kind}.object`,
    `evm.${kind}.linkReferences`,
  ]),
];

/** A contract as the test runner takes it. */
export interface Artifact {
  readonly id: { readonly name: string; readonly solcVersion: string; readonly source: string };
  readonly contract: {
    readonly abi: string;
    readonly bytecode: string;
    readonly linkReferences: z.infer<typeof linksSchema>;
    readonly deployedBytecode: string;
    readonly deployedLinkReferences: z.infer<typeof linksSchema>;
  };
}

export interface Compiled {
  readonly errors: readonly CompilerError[];
  readonly trees: ReadonlyMap<string, unknown>;
  readonly artifacts: readonly Artifact[];
}

/**
 * Compiles sources in a process of their own; what was compiled before is taken from the cache.
 * @param wanted names of the contracts whose code is needed; all, if it is not given
 */
export async function compile(
  sources: ReadonlyMap<string, string>,
  goal: Goal,
  wanted: readonly string[] = ["*"],
): Promise<Compiled> {
  const input = JSON.stringify({
    language: "Solidity",
    sources: Object.fromEntries([...sources].map(([name, content]) => [name, { content }])),
    settings: {
      evmVersion: "cancun",
      ...SETTINGS[goal],
      outputSelection: {
        "*":
          goal === "trees"
            ? { "*": ["abi"], "": ["ast"] }
            : Object.fromEntries(wanted.map((name) => [name, CODE_OUTPUT])),
      },
    },
  });
  const name = createHash("sha256").update(input).digest("hex").slice(0, 24);
  const file = join(CACHE, `${name}.json`);
  if (!existsSync(file)) {
    mkdirSync(CACHE, { recursive: true });
    await runCompiler(input, `${file}.part`);
    renameSync(`${file}.part`, file);
  }
  const output = outputSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  const errors = output.errors.filter(({ severity }) => severity === "error");
  return {
    errors,
    trees: new Map(Object.entries(output.sources).map(([source, { ast }]) => [source, ast])),
    artifacts: goal === "trees" || errors.length > 0 ? [] : artifactsOf(output.contracts),
  };
}

function artifactsOf(contracts: z.infer<typeof outputSchema>["contracts"]): Artifact[] {
  return Object.entries(contracts).flatMap(([source, named]) =>
    Object.entries(named).map(([name, contract]) => {
      const { abi, evm } = contractSchema.parse(contract);
      return {
        id: { name, solcVersion: "0.8.37", source },
        contract: {
          abi: JSON.stringify(abi),
          bytecode: `0x${evm.bytecode.object}`,
          linkReferences: evm.bytecode.linkReferences,
          deployedBytecode: `0x${evm.deployedBytecode.object}`,
          deployedLinkReferences: evm.deployedBytecode.linkReferences,
        },
      };
    }),
  );
}

/** Compiles what is wanted and every library that it could link: asking twice, the second time for what the first links, takes twice as long. */
export async function compileLinked(
  sources: ReadonlyMap<string, string>,
  goal: Goal,
  wanted: readonly string[],
): Promise<Compiled> {
  const libraries = [...sources.values()].flatMap((text) =>
    [...text.matchAll(/^library (\w+)/gm)].map(([, name = ""]) => name),
  );
  return compile(sources, goal, [...new Set([...wanted, ...libraries])].sort());
}

/** The compiler keeps gigabytes that only the end of its process gives back. */
function runCompiler(input: string, outFile: string): Promise<void> {
  const inFile = `${outFile}.input`;
  writeFileSync(inFile, input);
  const script = join(import.meta.dirname, "solc.ts");
  const child = spawn(process.execPath, [script, inFile, outFile], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("exit", (code) => {
      if (code === 0) done();
      else fail(new Error(`The compiler's process ended with code ${code}`));
    });
  });
}
