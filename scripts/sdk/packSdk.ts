import { execFile } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, rmSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

const run = promisify(execFile);

const root = join(import.meta.dirname, "..", "..");

/** Test contracts that a deployment may have: a faucet token and feeds that replay prices. */
const DEPLOYED_MOCKS = ["TestToken", "ReplayFeed"];

const packedSchema = z
  .array(
    z.object({
      filename: z.string(),
      size: z.number(),
      files: z.array(z.object({ path: z.string() })),
    }),
  )
  .length(1);

export interface PackedSdk {
  readonly tarball: string;
  /** {bytes} */
  readonly size: number;
  /** Paths inside the package. */
  readonly files: readonly string[];
}

/** The SDK could not be packed; the message is what tsc or npm said. */
export class PackError extends Error {
  override readonly name = "PackError";
}

/** Compiles the SDK to JavaScript and declarations and packs it, as it would be published, into `directory`. The ABIs have to be written. */
export async function packSdk(directory: string): Promise<PackedSdk> {
  const sdk = join(root, "sdk");
  const target = resolve(directory);
  const staged = join(target, "package");
  const dist = join(staged, "dist");
  rmSync(staged, { recursive: true, force: true });
  mkdirSync(staged, { recursive: true });
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  await told(process.execPath, [tsc, "--project", sdk, "--outDir", dist], root);
  for (const name of testContracts()) {
    for (const ending of [".js", ".d.ts"])
      rmSync(join(dist, "abis", name + ending), { force: true });
  }
  for (const file of ["package.json", "README.md"])
    copyFileSync(join(sdk, file), join(staged, file));
  copyFileSync(join(root, "LICENSE"), join(staged, "LICENSE"));
  const output = await told(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", target],
    staged,
  );
  const [packed] = packedSchema.parse(JSON.parse(output));
  if (packed === undefined) throw new PackError("npm packed nothing");
  const { filename, size, files } = packed;
  return { tarball: join(target, filename), size, files: files.map(({ path }) => path) };
}

/** Contracts for tests only, by name: clients have no use for them. */
function testContracts(): string[] {
  return globSync("contracts/mocks/**/*.sol", { cwd: root })
    .map((file) => basename(file, ".sol"))
    .filter((name) => !DEPLOYED_MOCKS.includes(name));
}

/** What a command prints; what it complains of when it fails. */
async function told(command: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    return (await run(command, [...args], { cwd, maxBuffer: 2 ** 26 })).stdout;
  } catch (cause) {
    const said = z.object({ stdout: z.string(), stderr: z.string() }).safeParse(cause).data;
    const reason = said === undefined ? String(cause) : `${said.stdout}${said.stderr}`.trim();
    throw new PackError(`${basename(command)} ${args[0]} failed:\n${reason}`, { cause });
  }
}
