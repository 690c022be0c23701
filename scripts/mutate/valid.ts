import { type CompilerError, compile } from "../instrument/compile.ts";
import { PROBE_CODE, PROBE_SOURCE } from "../instrument/probe.ts";
import { readTree } from "../instrument/syntax.ts";
import { type Mutant, mutantAt, writeMutants } from "./schemata.ts";
import { Declarations, findSites, type Site } from "./sites.ts";

/** More rounds than any real tree takes; a compiler that complains on means a fault of this tool. */
const MOST_ROUNDS = 40;

/** All sites of the files. A few of them the compiler will refuse. */
export async function allSites(
  sources: ReadonlyMap<string, string>,
  isWanted: (file: string) => boolean,
): Promise<Site[]> {
  const { trees, errors } = await compile(sources, "trees");
  const [first] = errors;
  if (first !== undefined) {
    throw new Error(`The contracts do not compile: ${first.formattedMessage}`);
  }
  const nodes = [...trees].map(([file, tree]) => [file, readTree(tree)] as const);
  const declarations = new Declarations(nodes.map(([, tree]) => tree));
  return nodes
    .filter(([file]) => isWanted(file))
    .flatMap(([file, tree]) => findSites(file, bytes(sources, file), tree, declarations));
}

/** The sites that can be compiled. Changes that the compiler refuses (a wrong type, a return value never set) are no mutants. */
export async function validSites(
  sources: ReadonlyMap<string, string>,
  sites: readonly Site[],
): Promise<Site[]> {
  let mutants = sites.map((site, index) => ({ id: index + 1, site }));
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const written = instrument(sources, mutants);
    const checked = await compile(written, "trees");
    if (checked.errors.length === 0) return mutants.map(({ site }) => site);
    const refused = refusedBy(checked.errors, written);
    mutants = mutants.filter(({ id }) => !refused.has(id));
  }
  throw new Error(`The compiler still refuses mutants after ${MOST_ROUNDS} rounds`);
}

/** The mutants that the compiler complains about. */
export function refusedBy(
  errors: readonly CompilerError[],
  written: ReadonlyMap<string, string>,
): Set<number> {
  const refused = new Set<number>();
  for (const { sourceLocation, formattedMessage } of errors) {
    const id =
      sourceLocation === undefined
        ? null
        : mutantAt(bytes(written, sourceLocation.file), sourceLocation.start, sourceLocation.end);
    if (id === null) throw new Error(`An error of no mutant's: ${formattedMessage}`);
    refused.add(id);
  }
  return refused;
}

/** The sources with the given mutants in them. */
export function instrument(
  sources: ReadonlyMap<string, string>,
  mutants: readonly Mutant[],
): Map<string, string> {
  const written = new Map(sources);
  const byFile = Map.groupBy(mutants, ({ site }) => site.file);
  for (const [file, own] of byFile)
    written.set(file, writeMutants(file, bytes(sources, file), own));
  written.set(PROBE_SOURCE, PROBE_CODE);
  return written;
}

function bytes(sources: ReadonlyMap<string, string>, file: string): Buffer {
  const text = sources.get(file);
  if (text === undefined) throw new Error(`There is no source ${file}`);
  return Buffer.from(text);
}
