import type {
  CallableContractFuture,
  Future,
  IgnitionModuleBuilder,
} from "@nomicfoundation/ignition-core";
import type {
  FeedParameters,
  OracleParameters,
  SecondaryParameters,
} from "../../sdk/src/parameters.ts";

/** A price feed, and what has to happen before it can be read. A stand-in is read through a proxy, as Chainlink's feeds are. */
export function priceFeed(
  m: IgnitionModuleBuilder,
  { feed }: { readonly feed: FeedParameters },
  prefix = "",
) {
  if (feed.kind === "chainlink") return { address: feed.address, ready: [] };
  const { description, decimals } = feed;
  const aggregator = m.contract("ReplayFeed", [m.getAccount(0), description, decimals], {
    id: `${prefix}ReplayFeed`,
  });
  const firstRound = m.call(aggregator, "push", [feed.price / 10n ** BigInt(18 - decimals)], {
    id: `${prefix}firstRound`,
  });
  const proxy = m.contract("FeedProxy", [m.getAccount(0), aggregator], {
    id: `${prefix}FeedProxy`,
  });
  return { address: proxy, ready: [firstRound] };
}

/** What the contracts of a second source are called in a module, before their names. */
export const SECOND = "Second";

/** Has the router know a second source, if there is one, once it knows the first. */
export function secondSource(
  m: IgnitionModuleBuilder,
  oracleRouter: CallableContractFuture<string>,
  market: number,
  { secondary }: { readonly secondary: SecondaryParameters | null },
  priced: Future,
): readonly Future[] {
  if (secondary === null) return [];
  const { feed, maxAgeSeconds, maxDeviation } = secondary;
  const { address, ready } =
    feed.kind === "stream"
      ? {
          address: m.contract(
            "StreamsFeed",
            [feed.verifier, feed.streamId, feed.decimals, feed.reportSeconds, feed.description],
            { id: `${SECOND}StreamsFeed` },
          ),
          ready: [],
        }
      : priceFeed(m, { feed }, SECOND);
  const config = { feed: address, maxAge: maxAgeSeconds, maxDeviation };
  return [m.call(oracleRouter, "setSecondary", [market, config], { after: [...ready, priced] })];
}

/** `IOracleRouter.FeedConfig` without the feed. */
export function feedTermsOf(oracle: OracleParameters) {
  const { maxAgeSeconds, floor, ceiling, jumpBand, bucketSeconds } = oracle;
  return { maxAge: maxAgeSeconds, floor, ceiling, jumpBand, bucketLength: bucketSeconds };
}
