import { getBytes, hexlify, type Provider } from "ethers";
import hre from "hardhat";
import { z } from "zod";
import type { Manifest } from "../../sdk/src/manifest.ts";

const placesSchema = z.array(z.object({ start: z.int(), length: z.int() }));

const artifactSchema = z.object({
  deployedBytecode: z.string(),
  deployedLinkReferences: z.record(z.string(), z.record(z.string(), placesSchema)),
  immutableReferences: z.record(z.string(), placesSchema).optional(),
});

type Artifact = z.output<typeof artifactSchema>;
type Place = z.output<typeof placesSchema>[number];

interface Expected {
  /** What the manifest calls it. */
  readonly name: string;
  readonly artifact: string;
  readonly address: string;
}

/** Every contract that the deployment made, and what it was built as. */
function expectedContracts(manifest: Manifest): Expected[] {
  const { contracts, libraries, token, sequencerFeed, markets, collateral, parameters } = manifest;
  const named = Object.entries(contracts)
    .filter(([name]) => name !== "token")
    .map(([name, address]) => ({ name, artifact: capital(name), address }));
  const linked = Object.entries(libraries).map(([name, address]) => ({
    name,
    artifact: name,
    address,
  }));
  const pools = markets.map(({ symbol, pool }) => ({
    name: `pool of ${symbol}`,
    artifact: "LiquidityPool",
    address: pool,
  }));
  const assets = collateral
    .filter(({ faucet }) => faucet)
    .map(({ symbol, asset }) => ({
      name: `collateral ${symbol}`,
      artifact: "TestToken",
      address: asset,
    }));
  const feeds = [...markets, ...collateral].flatMap(({ symbol, feed, secondary }) => [
    ...standIn(symbol, feed),
    ...(secondary === null ? [] : standIn(`${symbol}, second source`, secondary)),
    ...(secondary?.takesReports
      ? [{ name: `stream of ${symbol}`, artifact: "StreamsFeed", address: secondary.address }]
      : []),
  ]);
  const stands = [
    ...(token.faucet ? [{ name: "token", artifact: "TestToken", address: contracts.token }] : []),
    ...(sequencerFeed !== null && parameters.sequencer?.address === null
      ? [{ name: "sequencer feed", artifact: "MockSequencerFeed", address: sequencerFeed }]
      : []),
  ];
  return [...named, ...linked, ...pools, ...assets, ...feeds, ...stands];
}

/** A feed that can be replayed, and its proxy. */
function standIn(
  name: string,
  { address, replay }: { readonly address: string; readonly replay: string | null },
): Expected[] {
  if (replay === null) return [];
  return [
    { name: `feed of ${name}`, artifact: "FeedProxy", address },
    { name: `aggregator of ${name}`, artifact: "ReplayFeed", address: replay },
  ];
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** What differs between the code on the chain and the code of this checkout, linked as the manifest says. */
export async function checkCode(provider: Provider, manifest: Manifest): Promise<string[]> {
  const problems = await Promise.all(
    expectedContracts(manifest).map((expected) => checkContract(provider, manifest, expected)),
  );
  return problems.flat();
}

async function checkContract(
  provider: Provider,
  manifest: Manifest,
  { name, artifact, address }: Expected,
): Promise<string[]> {
  const code = await provider.getCode(address);
  if (code === "0x") return [`${name}: no code at ${address}`];
  const built = artifactSchema.parse(await hre.artifacts.readArtifact(artifact));
  const expected = linkedCode(built, manifest.libraries);
  const actual = getBytes(code);
  // Immutables are checked by asking for them: see checkTerms.
  const immutables = Object.values(built.immutableReferences ?? {}).flat();
  if (
    actual.length === expected.length &&
    hexlify(without(actual, immutables)) === hexlify(without(expected, immutables))
  ) {
    return [];
  }
  return [
    `${name}: the code at ${address} is not ${artifact} as built here (deployed from commit ${manifest.commit ?? "unknown"})`,
  ];
}

function linkedCode(artifact: Artifact, libraries: Manifest["libraries"]): Uint8Array {
  let code = artifact.deployedBytecode;
  for (const names of Object.values(artifact.deployedLinkReferences)) {
    for (const [name, places] of Object.entries(names)) {
      for (const { start, length } of places) {
        const [from, to] = [2 + 2 * start, 2 + 2 * (start + length)];
        // A library that the manifest lacks leaves zeros, which no deployed code has there.
        const address = (libraries[name] ?? "")
          .slice(2)
          .toLowerCase()
          .padStart(2 * length, "0");
        code = code.slice(0, from) + address + code.slice(to);
      }
    }
  }
  return getBytes(code);
}

function without(code: Uint8Array, places: readonly Place[]): Uint8Array {
  const masked = Uint8Array.from(code);
  for (const { start, length } of places) masked.fill(0, start, start + length);
  return masked;
}
