import { artifacts } from "hardhat";

/** EIP-170 and EIP-3860. */
const MAX_RUNTIME_BYTES = 24_576;
const MAX_CREATION_BYTES = 49_152;

/** A library of internal functions is compiled into its callers; what remains of it is a shell. */
const EMPTY_SHELL_BYTES = 100;

const byteLength = (hex: string) => (hex.length - 2) / 2;

/** Every contract fits on a chain at its production settings. Prints what each one takes. */
export async function checkSizes(): Promise<string[]> {
  const names = [...(await artifacts.getAllFullyQualifiedNames())];
  const contracts = await Promise.all(
    names
      .filter((name) => name.startsWith("contracts/"))
      .map((name) => artifacts.readArtifact(name)),
  );
  const rows = contracts
    .map(({ contractName, bytecode, deployedBytecode }) => ({
      contractName,
      runtime: byteLength(deployedBytecode),
      creation: byteLength(bytecode),
    }))
    .filter(({ runtime }) => runtime > EMPTY_SHELL_BYTES)
    .sort((a, b) => b.runtime - a.runtime);

  const column = (value: string | number) => value.toLocaleString("en").padStart(10);
  console.log(`${"contract".padEnd(30)}${column("runtime")}${column("creation")}${column("left")}`);
  for (const { contractName, runtime, creation } of rows) {
    const left = MAX_RUNTIME_BYTES - runtime;
    console.log(`${contractName.padEnd(30)}${column(runtime)}${column(creation)}${column(left)}`);
  }

  return rows.flatMap(({ contractName, runtime, creation }) => [
    ...(runtime > MAX_RUNTIME_BYTES
      ? [`${contractName}: ${runtime} bytes, ${runtime - MAX_RUNTIME_BYTES} above the limit`]
      : []),
    ...(creation > MAX_CREATION_BYTES
      ? [
          `${contractName}: ${creation} bytes of creation code, ${creation - MAX_CREATION_BYTES} above the limit`,
        ]
      : []),
  ]);
}
