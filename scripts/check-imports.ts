import { globSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

/** What each room of contracts/ may import besides itself. Rooms meet only through interfaces. */
const foundation = ["types", "libraries", "interfaces"];
const contractRooms: Record<string, readonly string[]> = {
  types: [],
  libraries: ["types"],
  interfaces: ["types"],
  core: foundation,
  risk: foundation,
  oracles: foundation,
  venues: foundation,
  // The backstop is a buffer too: its shares leave as those of other buffers do.
  liquidation: [...foundation, "solvency"],
  credit: foundation,
  solvency: foundation,
  governance: foundation,
  lens: foundation,
  mocks: foundation,
};

/** What a room must not know, whatever the folder it comes from. */
const ignorance: readonly { room: string; imported: RegExp; rule: string }[] = [
  {
    room: "oracles",
    imported: /\/(AccountId|IClearingHouse|MarginReport|Portfolio)\.sol$/,
    rule: "oracles know no accounts",
  },
  {
    room: "solvency",
    imported: /\/(I?\w*Oracle\w*|Price|PriceStatus)\.sol$/,
    rule: "solvency never reads prices",
  },
];

/** What each TypeScript folder may import besides itself. */
const typescriptFolders: Record<string, readonly string[]> = {
  sdk: [],
  keepers: ["sdk"],
  app: ["sdk"],
  deploy: ["sdk"],
  scripts: ["sdk", "deploy", "types"],
};

/** The paths a source file imports, as written. */
function importsOf(file: string): string[] {
  const statement = /^\s*(?:import|export)\s(?:[^"';]*\sfrom\s)?\s*["']([^"']+)["']/gm;
  return [...readFileSync(file, "utf8").matchAll(statement)].flatMap(([, path]) => path ?? []);
}

function checkFolder(
  root: string,
  file: string,
  allowed: Record<string, readonly string[]>,
): string[] {
  const folderOf = (path: string) => posix.relative(root, path).split("/")[0] ?? "";
  const own = folderOf(file);
  const friends = allowed[own];
  if (friends === undefined) {
    return [`${file}: add folder "${own}" to the import rules in scripts/check-imports.ts`];
  }
  return importsOf(file)
    .filter((path) => path.startsWith("."))
    .map((path) => folderOf(join(dirname(file), path)))
    .filter((folder) => folder !== own && !friends.includes(folder))
    .map((folder) => `${file}: "${own}" may not import from "${folder}"`);
}

function checkIgnorance(file: string): string[] {
  const imports = importsOf(file);
  const rules = ignorance.filter(({ room }) => file.startsWith(`contracts/${room}/`));
  return rules.flatMap(({ imported, rule }) =>
    imports.filter((path) => imported.test(path)).map((path) => `${file}: ${rule}, so not ${path}`),
  );
}

/** A mock of another package is for our mocks and for tests. */
function checkForeignMocks(file: string): string[] {
  if (file.startsWith("contracts/mocks/")) return [];
  return importsOf(file)
    .filter((path) => !path.startsWith(".") && path.includes("/mocks/"))
    .map((path) => `${file}: only contracts/mocks may import ${path}`);
}

/** Dependencies point one way: through the rooms of contracts/ and the folders of the TypeScript side. */
export function checkImports(): string[] {
  const contracts = globSync("contracts/**/*.sol");
  const sources = globSync(`{${Object.keys(typescriptFolders).join()}}/**/*.{ts,tsx}`, {
    exclude: (path) => path.includes("node_modules"),
  });
  return [
    ...contracts.flatMap((file) => checkFolder("contracts", file, contractRooms)),
    ...contracts.flatMap(checkIgnorance),
    ...contracts.flatMap(checkForeignMocks),
    ...sources.flatMap((file) => checkFolder(".", file, typescriptFolders)),
  ];
}
