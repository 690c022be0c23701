// A `solc` for programs that want one on the command line: npm's, for syntax trees only. Analysers read those, and need no code.

import { readFileSync } from "node:fs";
import solc from "solc";
import { z } from "zod";

const inputSchema = z.looseObject({ settings: z.looseObject({}) });
const outputSchema = z.looseObject({
  contracts: z.record(z.string(), z.record(z.string(), z.looseObject({}))).default({}),
});

const NO_CODE = { object: "", sourceMap: "", linkReferences: {} };

if (process.argv.includes("--version")) {
  const version = solc.version().replace("Emscripten.clang", "Linux.g++");
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`);
} else {
  const input = inputSchema.parse(JSON.parse(readFileSync(0, "utf8")));
  const settings = {
    ...input.settings,
    viaIR: false,
    optimizer: { enabled: false },
    outputSelection: { "*": { "*": ["abi", "devdoc", "userdoc"], "": ["ast"] } },
  };
  const output = outputSchema.parse(
    JSON.parse(solc.compile(JSON.stringify({ ...input, settings }))),
  );
  for (const contracts of Object.values(output.contracts)) {
    for (const contract of Object.values(contracts)) {
      contract.evm = { bytecode: NO_CODE, deployedBytecode: NO_CODE, methodIdentifiers: {} };
      contract.metadata = "{}";
    }
  }
  process.stdout.write(JSON.stringify(output));
}
