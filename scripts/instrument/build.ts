import { type Artifact, type CompilerError, compile, compileLinked } from "./compile.ts";
import { closureOf } from "./sources.ts";
import { deployedBy } from "./suites.ts";

/** More rounds than any real tree takes. */
const MOST_ROUNDS = 60;

export interface Build {
  /** What tests deploy, and the libraries it links. */
  readonly contracts: readonly Artifact[];
  /** The tests, with the library code that they call themselves. */
  readonly tests: readonly Artifact[];
}

/**
 * Compiles instrumented contracts, and the tests against them. Unit tests of libraries contain the library; they are compiled with its instrumented source, by
 * a code generator that holds fewer variables.
 * @param contracts all sources of the contracts, instrumented
 * @param testSources tests and what they import, as they stand
 * @param relieve takes an error of the compiler on tests, and returns the contracts' sources with less instrumentation
 */
export async function build(
  contracts: ReadonlyMap<string, string>,
  testSources: ReadonlyMap<string, string>,
  relieve: (error: CompilerError, sources: ReadonlyMap<string, string>) => Map<string, string>,
): Promise<Build> {
  const code = await compileLinked(contracts, "code", deployedBy(testSources));
  for (const { formattedMessage } of code.errors) {
    throw new Error(`The compiler refuses: ${formattedMessage}`);
  }
  const files = [...testSources.keys()].filter((name) => name.startsWith("test/"));
  const isChanged = (name: string) => {
    const text = contracts.get(name);
    return text !== undefined && text !== testSources.get(name);
  };
  const containing = files.filter((file) => [...closureOf(file, testSources)].some(isChanged));
  const calling = files.filter((file) => !containing.includes(file));
  const tests = [
    ...(await compileTests(calling, testSources)),
    ...(await compileContaining(containing, contracts, testSources, relieve)),
  ];
  const isOwn = ({ id }: Artifact, own: readonly string[]) => own.includes(id.source);
  return { contracts: code.artifacts, tests: tests.filter((artifact) => isOwn(artifact, files)) };
}

async function compileTests(
  files: readonly string[],
  sources: ReadonlyMap<string, string>,
): Promise<Artifact[]> {
  if (files.length === 0) return [];
  const { errors, artifacts } = await compile(withImports(files, sources), "testCode");
  for (const { formattedMessage } of errors)
    throw new Error(`A test does not compile: ${formattedMessage}`);
  return artifacts.filter(({ id }) => files.includes(id.source));
}

async function compileContaining(
  files: readonly string[],
  contracts: ReadonlyMap<string, string>,
  testSources: ReadonlyMap<string, string>,
  relieve: (error: CompilerError, sources: ReadonlyMap<string, string>) => Map<string, string>,
): Promise<Artifact[]> {
  if (files.length === 0) return [];
  let instrumented = contracts;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const sources = withImports(files, new Map([...testSources, ...instrumented]));
    const { errors, artifacts } = await compile(sources, "testCode");
    const [first] = errors;
    if (first === undefined) return artifacts.filter(({ id }) => files.includes(id.source));
    instrumented = relieve(first, instrumented);
  }
  throw new Error(`Tests do not compile with instrumented libraries after ${MOST_ROUNDS} rounds`);
}

function withImports(
  files: readonly string[],
  sources: ReadonlyMap<string, string>,
): Map<string, string> {
  const names = new Set(files.flatMap((file) => [...closureOf(file, sources)]));
  return new Map([...sources].filter(([name]) => names.has(name)));
}
