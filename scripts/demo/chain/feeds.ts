import { MARKET_SLOTS, type MarketSlot } from "../prices/path.ts";
import type { House, HouseMarket } from "./house.ts";
import type { LocalChain, MinedBlock } from "./local-chain.ts";
import { ROLES } from "./roles.ts";

export type Prices = Readonly<Record<MarketSlot, bigint>>;

/** Hands a new round of all feeds to the chain, those of collateral with those of the markets they follow; it is published by the next block. */
export async function pushPrices(query: {
  chain: LocalChain;
  house: House;
  prices: Prices;
}): Promise<void> {
  const { chain, house, prices } = query;
  const operator = chain.account(ROLES.operator);
  for (const slot of MARKET_SLOTS) {
    const market = house.markets[slot];
    const answer = answerOf(market, prices[slot]);
    for (const { feed } of [market, house.collateral[slot]]) {
      await chain.send(operator, feed.transaction("push", [answer]));
    }
  }
}

/** The same in a block of its own. */
export async function publishPrices(query: {
  chain: LocalChain;
  house: House;
  prices: Prices;
  timestamp: bigint;
}): Promise<MinedBlock> {
  await pushPrices(query);
  return query.chain.mine(query.timestamp);
}

/** A price in the feed's decimals, which the market was given to hold all of the path's. */
function answerOf({ feedDecimals }: HouseMarket, price: bigint): bigint {
  return price / 10n ** BigInt(18 - feedDecimals);
}
