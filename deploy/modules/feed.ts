import type { IgnitionModuleBuilder } from "@nomicfoundation/ignition-core";
import type { FeedParameters, OracleParameters } from "../../sdk/src/parameters.ts";

/** A price feed, and what has to happen before it can be read. A stand-in is read through a proxy, as Chainlink's feeds are. */
export function priceFeed(m: IgnitionModuleBuilder, { feed }: { readonly feed: FeedParameters }) {
  if (feed.kind === "chainlink") return { address: feed.address, ready: [] };
  const { description, decimals } = feed;
  const aggregator = m.contract("ReplayFeed", [m.getAccount(0), description, decimals]);
  const firstRound = m.call(aggregator, "push", [feed.price / 10n ** BigInt(18 - decimals)]);
  return { address: m.contract("FeedProxy", [m.getAccount(0), aggregator]), ready: [firstRound] };
}

/** `IOracleRouter.FeedConfig` without the feed. */
export function feedTermsOf(oracle: OracleParameters) {
  const { maxAgeSeconds, floor, ceiling, jumpBand, bucketSeconds } = oracle;
  return { maxAge: maxAgeSeconds, floor, ceiling, jumpBand, bucketLength: bucketSeconds };
}
