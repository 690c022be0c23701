import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BrowserProvider } from "ethers";
import { connectReader, knownNetworks } from "../../deploy/connect.ts";
import { DeployError } from "../../deploy/deployError.ts";
import { knownParameters, readParameters } from "../../deploy/readParameters.ts";
import { type Manifest, ManifestError } from "../../sdk/src/manifest.ts";
import { readManifest } from "../../sdk/src/manifestFile.ts";
import { main } from "../bench/main.ts";
import { InputError } from "../demo/input-error.ts";
import { countOf, readOptions } from "../options.ts";
import { readChange } from "./change.ts";
import { measureImpact } from "./impact.ts";
import { impactJson, impactText } from "./report.ts";

const USAGE = `Usage: npm run impact -- --network NAME --change FILE.json [options]

Shows, before a change is queued, which open positions it would touch: health and margins before it, in its block, and once ramps have run.

  --network NAME    localhost, or a network of hardhat.config.ts.
  --change CHANGE   A file, or JSON itself: by market, only what changes, written as in deploy/parameters.
                    {"ETH": {"risk": {"maintenanceMargin": "0.04"}, "terms": {"skewScale": "400000"},
                             "cover": {…}, "adaptive": {…}, "feed": "0x…" or "price": "1900"}}
  --manifest FILE   Which house (default deploy/manifests/<chain id>.json).
  --rpc-url URL     Instead of the network's own.
  --block N         As of that block (default the latest).
  --out FILE.json   Writes the figures of every account there, too.
  --help            Show this.`;

const OPTIONS = {
  network: { type: "string" },
  change: { type: "string" },
  manifest: { type: "string" },
  "rpc-url": { type: "string" },
  block: { type: "string" },
  out: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

async function manifestFor(network: string, file: string | undefined): Promise<Manifest> {
  if (file !== undefined) return readManifest(file);
  if (!knownNetworks().includes(network)) {
    throw new InputError(`Unknown network "${network}". Known are: ${knownNetworks().join(", ")}`);
  }
  const name = network === "localhost" ? "local" : network;
  if (!(await knownParameters()).includes(name)) {
    throw new InputError(`Nothing is deployed to ${network}; name a house with --manifest`);
  }
  const { chainId } = await readParameters(name);
  return readManifest(join(import.meta.dirname, "../../deploy/manifests", `${chainId}.json`));
}

await main(async () => {
  try {
    await run();
  } catch (error) {
    const isPlain = error instanceof DeployError || error instanceof ManifestError;
    throw isPlain ? new InputError(error.message, { cause: error }) : error;
  }
});

async function run(): Promise<void> {
  const options = readOptions(process.argv.slice(2), USAGE, OPTIONS);
  if (options.help) return console.log(USAGE);
  const { network, out } = options;
  if (network === undefined) {
    throw new InputError(
      `Say which house with --network: ${knownNetworks().join(", ")}\n\n${USAGE}`,
    );
  }
  if (options.change === undefined) {
    throw new InputError(`Say what is to change with --change\n\n${USAGE}`);
  }
  const change = await readChange(options.change);
  const manifest = await manifestFor(network, options.manifest);
  const block = options.block === undefined ? undefined : countOf("block", options.block);
  const target = { network, rpcUrl: options["rpc-url"], chainId: manifest.chainId };
  const reader = await connectReader(target);
  try {
    const provider = new BrowserProvider(reader.provider, undefined, { cacheTimeout: -1 });
    const impact = await measureImpact({ provider, manifest, change, block });
    console.log(impactText(impact, network));
    if (out !== undefined) await writeFile(out, impactJson(impact));
  } finally {
    await reader.close();
  }
}
