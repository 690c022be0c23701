import { buildModule } from "@nomicfoundation/ignition-core";
import { type CollateralParameters, collateralPriceMarket } from "../../sdk/src/parameters.ts";
import { feedTermsOf, priceFeed, secondSource } from "./feed.ts";
import type { HouseModule } from "./house.ts";
import type { SequencerModule } from "./markets.ts";

/** One collateral of the credit vault: its token, its price under a number that is no market's, its terms. */
export function collateralModule(
  collateral: CollateralParameters,
  index: number,
  house: HouseModule,
  sequencer: SequencerModule,
) {
  return buildModule(`Collateral_${collateral.symbol}`, (m) => {
    const { oracleRouter, creditVault } = m.useModule(house);
    const { token } = collateral;
    const asset =
      token.kind === "existing"
        ? m.contractAt("TestToken", token.address)
        : m.contract("TestToken", [
            token.name,
            token.symbol,
            token.decimals,
            (token.mintCap * 10n ** BigInt(token.decimals)) / 10n ** 18n,
          ]);
    const priceMarket = collateralPriceMarket(index);
    const feed = priceFeed(m, collateral);
    const priced = m.call(
      oracleRouter,
      "setFeed",
      [priceMarket, { feed: feed.address, ...feedTermsOf(collateral.oracle) }],
      { after: [...feed.ready, sequencer, house] },
    );
    const paired = secondSource(m, oracleRouter, priceMarket, collateral, priced);
    m.call(creditVault, "setCollateralTerms", [asset, { priceMarket, ...collateral.terms }], {
      after: [priced, ...paired],
    });
    return { asset };
  });
}

export type CollateralModule = ReturnType<typeof collateralModule>;
