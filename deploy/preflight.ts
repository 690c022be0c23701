import type { Provider } from "ethers";
import { feedProxyAbi } from "../sdk/src/abis/FeedProxy.ts";
import { mockSequencerFeedAbi } from "../sdk/src/abis/MockSequencerFeed.ts";
import type {
  FeedParameters,
  OracleParameters,
  Parameters,
  SecondaryParameters,
} from "../sdk/src/parameters.ts";
import { typedContract } from "../sdk/src/typedContract.ts";
import { DeployError } from "./deployError.ts";

/** Whether the chain is the one the parameters are for, and has what they refer to. Sends nothing. */
export async function checkChain(provider: Provider, parameters: Parameters): Promise<void> {
  const { chainId } = await provider.getNetwork();
  if (chainId !== BigInt(parameters.chainId)) {
    throw new DeployError(
      "chain",
      `Wrong chain: the parameters of ${parameters.network} are for chain ${parameters.chainId}, and the node answers for chain ${chainId}. ` +
        "Check the RPC URL.",
    );
  }
  if (parameters.token.kind === "existing") {
    await requireCode(provider, "token", "The token", parameters.token.address, chainId);
  }
  const uptimeFeed = parameters.sequencer?.address ?? null;
  if (uptimeFeed !== null) {
    await requireCode(provider, "feed", "The sequencer's uptime feed", uptimeFeed, chainId);
    await typedContract(mockSequencerFeedAbi, uptimeFeed, provider).call("latestRoundData", []);
  }
  for (const { symbol, token } of parameters.credit.collateral) {
    if (token.kind !== "existing") continue;
    await requireCode(provider, "token", `The collateral ${symbol}`, token.address, chainId);
  }
  const priced: readonly Priced[] = [...parameters.markets, ...parameters.credit.collateral];
  for (const each of priced) {
    await checkFeed(provider, each, chainId);
    await checkSecondary(provider, each, chainId);
  }
}

/** What has a price: a market, or a collateral. */
interface Priced {
  readonly symbol: string;
  readonly feed: FeedParameters;
  readonly oracle: Pick<OracleParameters, "maxAgeSeconds">;
  readonly secondary?: SecondaryParameters | null;
}

/** What a verifier of Data Streams is recognised by. */
const verifierAbi = [
  {
    type: "function",
    name: "s_feeManager",
    inputs: [],
    outputs: [{ name: "", type: "address", internalType: "address" }],
    stateMutability: "view",
  },
] as const;

/** A second source is held to what the first is; of a stream there is only the verifier to look at. */
async function checkSecondary(
  provider: Provider,
  { symbol, secondary }: Priced,
  chainId: bigint,
): Promise<void> {
  if (!secondary) return;
  const { feed, maxAgeSeconds } = secondary;
  if (feed.kind !== "stream") {
    return checkFeed(
      provider,
      { symbol: `${symbol} (second source)`, feed, oracle: { maxAgeSeconds } },
      chainId,
    );
  }
  await requireCode(provider, "feed", `The verifier of ${symbol}'s stream`, feed.verifier, chainId);
  // It answers with the contract that takes fees, or with none.
  await typedContract(verifierAbi, feed.verifier, provider).call("s_feeManager", []);
}

async function checkFeed(
  provider: Provider,
  { symbol, feed, oracle }: Priced,
  chainId: bigint,
): Promise<void> {
  if (feed.kind !== "chainlink") return;
  await requireCode(provider, "feed", `The price feed of ${symbol}`, feed.address, chainId);
  const aggregator = typedContract(feedProxyAbi, feed.address, provider);
  const description = await aggregator.call("description", []);
  if (description !== feed.description) {
    throw new DeployError(
      "feed",
      `The price feed of ${symbol} at ${feed.address} calls itself "${description}", not "${feed.description}". ` +
        "Correct its address, or its description, in the parameters.",
    );
  }
  const { updatedAt } = await aggregator.call("latestRoundData", []);
  const now = BigInt((await provider.getBlock("latest"))?.timestamp ?? 0);
  if (now - updatedAt > oracle.maxAgeSeconds) {
    throw new DeployError(
      "feed",
      `The price feed of ${symbol} at ${feed.address} published its last price ${now - updatedAt} s ago, and the parameters accept ` +
        `${oracle.maxAgeSeconds} s. A market cannot begin without a price; wait for one.`,
    );
  }
}

async function requireCode(
  provider: Provider,
  kind: "feed" | "token",
  what: string,
  address: string,
  chainId: bigint,
): Promise<void> {
  if ((await provider.getCode(address)) !== "0x") return;
  throw new DeployError(
    kind,
    `${what} at ${address} has no code on chain ${chainId}. Correct its address in the parameters; on a chain without it, use parameters with a stand-in.`,
  );
}
