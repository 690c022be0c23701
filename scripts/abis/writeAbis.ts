import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const artifactSchema = z.object({
  contractName: z.string(),
  sourceName: z.string(),
  bytecode: z.string(),
  abi: z.array(
    z.looseObject({
      type: z.string(),
      name: z.string().optional(),
      inputs: z.unknown().optional(),
    }),
  ),
});

type Artifact = z.output<typeof artifactSchema>;
type AbiEntry = Artifact["abi"][number];

const HEADER = "// Written by the build from the contracts. Do not edit.\n\n";

/** "ClearingHouse" → "clearingHouseAbi". */
function constantName(contractName: string): string {
  return `${contractName.charAt(0).toLowerCase()}${contractName.slice(1)}Abi`;
}

function render(name: string, value: unknown): string {
  return `${HEADER}export const ${name} = ${JSON.stringify(value, null, 2)} as const;\n`;
}

/** Clients call deployed contracts; interfaces and inlined libraries contribute only their errors. */
function isDeployable(artifact: Artifact): boolean {
  return artifact.bytecode !== "0x" && artifact.abi.some((entry) => entry.type === "function");
}

/** Every custom error of every contract and library once, whoever declares it. */
function errorsOf(artifacts: readonly Artifact[]): AbiEntry[] {
  const errors = new Map<string, AbiEntry>();
  for (const entry of artifacts.flatMap((artifact) => artifact.abi)) {
    if (entry.type === "error") errors.set(JSON.stringify([entry.name, entry.inputs]), entry);
  }
  return [...errors.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

/** Members of every enum of the sources, by the enum's name: an ABI has only their numbers. */
function enumsOf(sources: readonly string[]): Record<string, string[]> {
  const enums: Record<string, string[]> = {};
  for (const source of sources) {
    for (const [, name = "", body = ""] of source.matchAll(/^\s*enum (\w+)\s*\{([^}]*)\}/gm)) {
      const members = body.match(/\w+/g) ?? [];
      if (enums[name] !== undefined && String(enums[name]) !== String(members)) {
        throw new Error(`Two enums are called ${name}; clients tell them apart by name`);
      }
      enums[name] = members;
    }
  }
  return Object.fromEntries(Object.entries(enums).sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function writeIfChanged(file: string, text: string): Promise<void> {
  const current = await readFile(file, "utf8").catch(() => "");
  if (current !== text) await writeFile(file, text);
}

/** Writes into `directory`, `as const`: one ABI per contract, `errors.ts` with every custom error, `enums.ts` with the names of enum members. */
export async function writeAbis(
  artifactPaths: readonly string[],
  sourcePaths: readonly string[],
  directory: string,
): Promise<void> {
  const artifacts = await Promise.all(
    artifactPaths.map(async (path) =>
      artifactSchema.parse(JSON.parse(await readFile(path, "utf8"))),
    ),
  );
  const sources = await Promise.all(sourcePaths.map((path) => readFile(path, "utf8")));
  const files = new Map([
    ["enums.ts", render("enums", enumsOf(sources))],
    ["errors.ts", render("errorsAbi", errorsOf(artifacts))],
  ]);
  for (const artifact of artifacts.filter(isDeployable)) {
    const { contractName, abi } = artifact;
    files.set(`${contractName}.ts`, render(constantName(contractName), abi));
  }
  await mkdir(directory, { recursive: true });
  const stale = (await readdir(directory)).filter((file) => !files.has(file));
  await Promise.all(stale.map((file) => rm(join(directory, file))));
  await Promise.all([...files].map(([file, text]) => writeIfChanged(join(directory, file), text)));
}
