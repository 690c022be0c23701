import { z } from "zod";
import { accountIdText, addressText } from "./codecs.ts";
import { parametersSchema } from "./parameters.ts";

const feedSchema = z.strictObject({
  /** What the router reads: a Chainlink proxy, or its stand-in. */
  address: addressText,
  description: z.string(),
  decimals: z.int().min(0).max(36),
  heartbeatSeconds: z.int().positive(),
  /** Where prices are pushed to; only where the feed is a replayable stand-in. */
  replay: addressText.nullable(),
});

/** A second source of a price. */
const secondarySchema = z.strictObject({
  address: addressText,
  description: z.string(),
  decimals: z.int().min(0).max(36),
  /** As a feed's. */
  replay: addressText.nullable(),
  /** Whether somebody has to bring its prices: the feed of a Data Stream. */
  takesReports: z.boolean(),
});

const marketSchema = z.strictObject({
  id: z.int().min(0).max(63),
  symbol: z.string().min(1),
  pool: addressText,
  poolAccount: accountIdText,
  feed: feedSchema,
  secondary: secondarySchema.nullable(),
  /** Whether the deployment opened the market; the chain knows what it is now. */
  opened: z.boolean(),
});

const collateralSchema = z.strictObject({
  symbol: z.string().min(1),
  asset: addressText,
  decimals: z.int().min(0).max(24),
  /** Anybody may mint: a test token. */
  faucet: z.boolean(),
  /** Number of its price in the oracle router; no market has it. */
  priceMarket: z.int().min(0).max(63),
  feed: feedSchema,
  secondary: secondarySchema.nullable(),
});

const contractsSchema = z.strictObject({
  clearingHouse: addressText,
  oracleRouter: addressText,
  circuitBreaker: addressText,
  riskSteward: addressText,
  riskEngine: addressText,
  liquidationEngine: addressText,
  lossWaterfall: addressText,
  insuranceFund: addressText,
  reserveVault: addressText,
  delayedOrders: addressText,
  signedOrders: addressText,
  creditVault: addressText,
  collateralAuction: addressText,
  lens: addressText,
  defaultLens: addressText,
  /** Brings signed reports and acts on their prices in one transaction; it has no power over anything. */
  reportRelay: addressText,
  liquidationMap: addressText,
  backstopPool: addressText,
  accessManager: addressText,
  token: addressText,
});

/** What one deployment is: written by the deploy command, read by scripts, keepers and clients. */
export const manifestSchema = z.strictObject({
  schemaVersion: z.literal(1),
  chainId: z.int().positive(),
  network: z.string().min(1),
  /** Block at which the first contract was deployed: nothing of the system happened before. */
  startBlock: z.int().nonnegative(),
  /** Commit the contracts were built from, with "-dirty" when the tree had changes; null outside a checkout. */
  commit: z.string().nullable(),
  deployer: addressText,
  contracts: contractsSchema,
  /** External libraries the contracts are linked against, by name. */
  libraries: z.record(z.string(), addressText),
  token: z.strictObject({
    symbol: z.string(),
    decimals: z.int().min(0).max(36),
    /** Anybody may mint: a test token. */
    faucet: z.boolean(),
  }),
  /** L2 sequencer uptime feed; null where none is used. */
  sequencerFeed: addressText.nullable(),
  roles: z.strictObject({
    governor: addressText,
    guardian: addressText,
    steward: addressText,
    forecaster: addressText.nullable(),
  }),
  markets: z.array(marketSchema),
  /** What the credit vault lends against. */
  collateral: z.array(collateralSchema),
  /** What was chosen for the deployment. */
  parameters: parametersSchema,
});

export type Manifest = z.output<typeof manifestSchema>;
export type ManifestContracts = Manifest["contracts"];
export type ManifestCollateral = Manifest["collateral"][number];
export type ManifestFeed = z.output<typeof feedSchema>;
export type ManifestSecondary = z.output<typeof secondarySchema>;
export type ManifestMarket = Manifest["markets"][number];

/** A manifest that cannot be used; the message names the file and what is wrong in it. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
}

/** Reads a manifest from JSON text; `source` names it in errors. */
export function parseManifest(text: string, source: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ManifestError(`${source} is not JSON`, { cause });
  }
  const result = manifestSchema.safeParse(json);
  if (!result.success) {
    throw new ManifestError(`${source} is no valid manifest:\n${z.prettifyError(result.error)}`, {
      cause: result.error,
    });
  }
  return result.data;
}

export function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifestSchema.encode(manifest), null, 2)}\n`;
}

/** The market a symbol or a number names. */
export function marketOf(manifest: Manifest, nameOrId: string | number): ManifestMarket {
  const market = manifest.markets.find((m) => m.symbol === nameOrId || m.id === Number(nameOrId));
  if (market === undefined) {
    const known = manifest.markets.map((m) => `${m.symbol} (${m.id})`).join(", ");
    throw new ManifestError(
      `No market ${nameOrId} on chain ${manifest.chainId}; there are: ${known}`,
    );
  }
  return market;
}
