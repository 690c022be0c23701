import { clearingHouseAbi } from "../../../sdk/src/abis/ClearingHouse.ts";
import { delayedOrdersAbi } from "../../../sdk/src/abis/DelayedOrders.ts";
import { lensAbi } from "../../../sdk/src/abis/Lens.ts";
import { liquidityPoolAbi } from "../../../sdk/src/abis/LiquidityPool.ts";
import { replayFeedAbi } from "../../../sdk/src/abis/ReplayFeed.ts";
import { testTokenAbi } from "../../../sdk/src/abis/TestToken.ts";
import { type AccountId, accountIdOf } from "../../../sdk/src/accountId.ts";
import { type Manifest, type ManifestMarket, marketOf } from "../../../sdk/src/manifest.ts";
import { type Caller, type TypedContract, typedContract } from "../../../sdk/src/typedContract.ts";
import { MARKET_SLOTS, type MarketSlot } from "../prices/path.ts";
import type { Liquidity } from "./parameters.ts";

export interface HouseMarket {
  readonly slot: MarketSlot;
  readonly id: bigint;
  readonly pool: TypedContract<typeof liquidityPoolAbi>;
  readonly poolAccount: AccountId;
  readonly feed: TypedContract<typeof replayFeedAbi>;
  readonly feedDecimals: number;
  readonly terms: Manifest["parameters"]["markets"][number];
}

/** A deployed house, ready to be called. */
export interface House {
  /** Of each market's pool. */
  readonly liquidity: Liquidity;
  readonly manifest: Manifest;
  readonly house: TypedContract<typeof clearingHouseAbi>;
  readonly lens: TypedContract<typeof lensAbi>;
  readonly orders: TypedContract<typeof delayedOrdersAbi>;
  readonly token: TypedContract<typeof testTokenAbi>;
  readonly insuranceAccount: AccountId;
  readonly backstopAccount: AccountId;
  readonly lendersAccount: AccountId;
  readonly markets: Readonly<Record<MarketSlot, HouseMarket>>;
}

export function openHouse(found: {
  manifest: Manifest;
  caller: Caller;
  liquidity: Liquidity;
}): House {
  const { manifest, caller, liquidity } = found;
  const { contracts } = manifest;
  return {
    liquidity,
    manifest,
    house: typedContract(clearingHouseAbi, contracts.clearingHouse, caller),
    lens: typedContract(lensAbi, contracts.lens, caller),
    orders: typedContract(delayedOrdersAbi, contracts.delayedOrders, caller),
    token: typedContract(testTokenAbi, contracts.token, caller),
    insuranceAccount: accountIdOf(contracts.insuranceFund),
    backstopAccount: accountIdOf(contracts.backstopPool),
    lendersAccount: accountIdOf(contracts.creditVault),
    markets: {
      main: openMarket({ manifest, slot: "main", caller }),
      second: openMarket({ manifest, slot: "second", caller }),
    },
  };
}

/** Both markets, in the order of their numbers. */
export function marketsOf({ markets }: House): HouseMarket[] {
  return MARKET_SLOTS.map((slot) => markets[slot]);
}

function openMarket(found: { manifest: Manifest; slot: MarketSlot; caller: Caller }): HouseMarket {
  const { manifest, slot, caller } = found;
  const id = MARKET_SLOTS.indexOf(slot);
  const market: ManifestMarket = marketOf(manifest, id);
  const terms = manifest.parameters.markets[id];
  if (market.feed.replay === null || terms === undefined) {
    throw new Error(`market ${market.symbol} has no feed that prices can be pushed to`);
  }
  return {
    slot,
    id: BigInt(id),
    pool: typedContract(liquidityPoolAbi, market.pool, caller),
    poolAccount: market.poolAccount,
    feed: typedContract(replayFeedAbi, market.feed.replay, caller),
    feedDecimals: market.feed.decimals,
    terms,
  };
}
