import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Parameters, ParametersError, parseParameters } from "../sdk/src/parameters.ts";

const directory = join(import.meta.dirname, "parameters");

/** What parameters are written for: "local", "sepolia" … */
export async function knownParameters(): Promise<string[]> {
  const files = await readdir(directory);
  return files
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length));
}

/** The parameters of that name. */
export async function readParameters(name: string): Promise<Parameters> {
  return readParametersFile(join(directory, `${name}.json`));
}

export async function readParametersFile(file: string): Promise<Parameters> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    throw new ParametersError(file, ["there is no such file, or it may not be read"]);
  }
  return parseParameters(text, file);
}
