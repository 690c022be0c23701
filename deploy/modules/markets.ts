import { buildModule } from "@nomicfoundation/ignition-core";
import { TIERS } from "../../sdk/src/math/lossWaterfall.ts";
import { type MarketParameters, type Parameters, regimeCapsOf } from "../../sdk/src/parameters.ts";
import { stewardLimitsOf } from "../steward.ts";
import { feedTermsOf, priceFeed, secondSource } from "./feed.ts";
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

/** One market with everything it needs, listed and halted. */
export function marketModule(
  market: MarketParameters,
  id: number,
  house: HouseModule,
  sequencer: SequencerModule,
  steward: Parameters["steward"],
) {
  return buildModule(`Market_${market.symbol}`, (m) => {
    const { clearingHouse, oracleRouter, riskEngine, liquidationEngine, ...others } =
      m.useModule(house);
    const feed = priceFeed(m, market);
    const terms = feedTermsOf(market.oracle);
    const priced = m.call(oracleRouter, "setFeed", [id, { feed: feed.address, ...terms }], {
      after: [...feed.ready, sequencer, house],
    });
    const paired = secondSource(m, oracleRouter, id, market, priced);
    const risk = m.call(riskEngine, "setRiskTerms", [id, market.risk]);
    const { adaptive } = market;
    const judged = [
      priced,
      ...paired,
      ...(adaptive === null
        ? []
        : [
            m.call(
              riskEngine,
              "setAdaptiveTerms",
              [
                id,
                {
                  source: oracleRouter,
                  horizonSeconds: adaptive.horizonSeconds,
                  deviations: adaptive.deviations,
                  regimeCaps: [...regimeCapsOf(adaptive)],
                },
              ],
              { after: [risk] },
            ),
          ]),
      m.call(riskEngine, "setCoverTerms", [id, market.cover], { after: [risk] }),
      m.call(liquidationEngine, "setLiquidationTerms", [id, market.liquidation]),
      m.call(liquidationEngine, "setAuctionTerms", [id, market.auctions]),
      m.call(others.lossWaterfall, "setInsuranceTerms", [id, market.insurance]),
      m.call(others.lossWaterfall, "setTierTerms", [id, TIERS.protocol, market.tiers.protocol], {
        id: "setTierTerms_protocol",
      }),
      m.call(others.lossWaterfall, "setTierTerms", [id, TIERS.backstop, market.tiers.backstop], {
        id: "setTierTerms_backstop",
      }),
      m.call(others.lossWaterfall, "setSplitTerms", [id, market.split]),
      m.call(others.delayedOrders, "setOrderTerms", [id, market.orders]),
      m.call(others.backstopPool, "setBackstopTerms", [id, market.backstop]),
    ];
    const { name, symbol, delaySeconds } = market.pool;
    const pool = m.contract("LiquidityPool", [clearingHouse, id, delaySeconds, name, symbol], {
      after: [priced],
    });
    const { tearUpDelaySeconds, ...rates } = market.terms;
    const listing = { ...rates, tearUpDelay: tearUpDelaySeconds };
    const listed = m.call(
      clearingHouse,
      "listMarket",
      [id, { pool: m.staticCall(pool, "account"), ...listing }],
      { after: judged },
    );
    const limits = stewardLimitsOf(market, steward);
    m.call(others.riskSteward, "setLimits", [
      id,
      limits.map(({ parameter }) => parameter),
      limits.map((each) => each.limits),
    ]);
    m.call(others.circuitBreaker, "setBreakerTerms", [id, market.breaker], { after: [listed] });
    return { pool };
  });
}

export type MarketModule = ReturnType<typeof marketModule>;
