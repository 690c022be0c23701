import { buildModule, type IgnitionModuleBuilder } from "@nomicfoundation/ignition-core";
import type { MarketParameters, Parameters } from "../../sdk/src/parameters.ts";
import type { HouseModule } from "./house.ts";

/** The uptime feed of an L2's sequencer; where the network has none, nothing is deployed. */
export function sequencerModule({ sequencer }: Parameters, house: HouseModule) {
  return buildModule("Sequencer", (m) => {
    const { oracleRouter } = m.useModule(house);
    if (sequencer === null) return {};
    const feed = sequencer.address ?? m.contract("MockSequencerFeed", [m.getAccount(0), 1n]);
    m.call(oracleRouter, "setSequencerFeed", [feed, sequencer.graceSeconds]);
    return {};
  });
}

export type SequencerModule = ReturnType<typeof sequencerModule>;

/** A market's price feed, and what has to happen before it can be read. A stand-in is read through a proxy, as Chainlink's feeds are. */
function priceFeed(m: IgnitionModuleBuilder, { feed }: MarketParameters) {
  if (feed.kind === "chainlink") return { address: feed.address, ready: [] };
  const { description, decimals } = feed;
  const aggregator = m.contract("ReplayFeed", [m.getAccount(0), description, decimals]);
  const firstRound = m.call(aggregator, "push", [feed.price / 10n ** BigInt(18 - decimals)]);
  return { address: m.contract("FeedProxy", [m.getAccount(0), aggregator]), ready: [firstRound] };
}

/** One market with everything it needs, listed and halted. */
export function marketModule(
  market: MarketParameters,
  id: number,
  house: HouseModule,
  sequencer: SequencerModule,
) {
  return buildModule(`Market_${market.symbol}`, (m) => {
    const { clearingHouse, oracleRouter, riskEngine, liquidationEngine, ...others } =
      m.useModule(house);
    const feed = priceFeed(m, market);
    const { maxAgeSeconds, floor, ceiling, jumpBand, bucketSeconds } = market.oracle;
    const terms = { maxAge: maxAgeSeconds, floor, ceiling, jumpBand, bucketLength: bucketSeconds };
    const priced = m.call(oracleRouter, "setFeed", [id, { feed: feed.address, ...terms }], {
      after: [...feed.ready, sequencer, house],
    });
    const judged = [
      priced,
      m.call(riskEngine, "setRiskTerms", [id, market.risk]),
      m.call(liquidationEngine, "setLiquidationTerms", [id, market.liquidation]),
      m.call(others.lossWaterfall, "setInsuranceTerms", [id, market.insurance]),
      m.call(others.delayedOrders, "setOrderTerms", [id, market.orders]),
    ];
    const { name, symbol, delaySeconds } = market.pool;
    const pool = m.contract("LiquidityPool", [clearingHouse, id, delaySeconds, name, symbol], {
      after: [priced],
    });
    const { tearUpDelaySeconds, ...rates } = market.terms;
    const listing = { ...rates, tearUpDelay: tearUpDelaySeconds };
    m.call(clearingHouse, "listMarket", [id, { pool: m.staticCall(pool, "account"), ...listing }], {
      after: judged,
    });
    return { pool };
  });
}

export type MarketModule = ReturnType<typeof marketModule>;
