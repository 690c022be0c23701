import { backstopPoolAbi } from "../../../sdk/src/abis/BackstopPool.ts";
import { circuitBreakerAbi } from "../../../sdk/src/abis/CircuitBreaker.ts";
import { clearingHouseAbi } from "../../../sdk/src/abis/ClearingHouse.ts";
import { collateralAuctionAbi } from "../../../sdk/src/abis/CollateralAuction.ts";
import { creditVaultAbi } from "../../../sdk/src/abis/CreditVault.ts";
import { delayedOrdersAbi } from "../../../sdk/src/abis/DelayedOrders.ts";
import { lensAbi } from "../../../sdk/src/abis/Lens.ts";
import { liquidityPoolAbi } from "../../../sdk/src/abis/LiquidityPool.ts";
import { replayFeedAbi } from "../../../sdk/src/abis/ReplayFeed.ts";
import { signedOrdersAbi } from "../../../sdk/src/abis/SignedOrders.ts";
import { testTokenAbi } from "../../../sdk/src/abis/TestToken.ts";
import { type AccountId, accountIdOf, systemAccountOf } from "../../../sdk/src/accountId.ts";
import { type Manifest, type ManifestMarket, marketOf } from "../../../sdk/src/manifest.ts";
import { type Caller, type TypedContract, typedContract } from "../../../sdk/src/typedContract.ts";
import { MARKET_SLOTS, type MarketSlot } from "../prices/path.ts";
import { COLLATERAL_SLOTS, type Liquidity } from "./parameters.ts";

export interface HouseMarket {
  readonly slot: MarketSlot;
  readonly id: bigint;
  readonly pool: TypedContract<typeof liquidityPoolAbi>;
  readonly poolAccount: AccountId;
  readonly feed: TypedContract<typeof replayFeedAbi>;
  readonly feedDecimals: number;
  readonly terms: Manifest["parameters"]["markets"][number];
}

/** A token other than the settlement token that is lent against. Its price is that of a market, so it falls with it. */
export interface HouseCollateral {
  readonly slot: MarketSlot;
  readonly asset: TypedContract<typeof testTokenAbi>;
  readonly decimals: number;
  readonly feed: TypedContract<typeof replayFeedAbi>;
  readonly terms: Manifest["parameters"]["credit"]["collateral"][number]["terms"];
}

/** A deployed house, ready to be called. */
export interface House {
  /** Of each market's pool. */
  readonly liquidity: Liquidity;
  readonly manifest: Manifest;
  readonly house: TypedContract<typeof clearingHouseAbi>;
  readonly lens: TypedContract<typeof lensAbi>;
  readonly orders: TypedContract<typeof delayedOrdersAbi>;
  readonly signedOrders: TypedContract<typeof signedOrdersAbi>;
  readonly credit: TypedContract<typeof creditVaultAbi>;
  readonly auction: TypedContract<typeof collateralAuctionAbi>;
  readonly backstop: TypedContract<typeof backstopPoolAbi>;
  readonly breaker: TypedContract<typeof circuitBreakerAbi>;
  readonly token: TypedContract<typeof testTokenAbi>;
  /** The shared fund's. */
  readonly insuranceAccount: AccountId;
  /** What pays before winners do, the backstop aside: the markets' own tranches, the shared fund, the protocol's reserve. */
  readonly insuranceAccounts: readonly AccountId[];
  readonly backstopAccount: AccountId;
  readonly lendersAccount: AccountId;
  readonly markets: Readonly<Record<MarketSlot, HouseMarket>>;
  readonly collateral: Readonly<Record<MarketSlot, HouseCollateral>>;
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
    signedOrders: typedContract(signedOrdersAbi, contracts.signedOrders, caller),
    credit: typedContract(creditVaultAbi, contracts.creditVault, caller),
    auction: typedContract(collateralAuctionAbi, contracts.collateralAuction, caller),
    backstop: typedContract(backstopPoolAbi, contracts.backstopPool, caller),
    breaker: typedContract(circuitBreakerAbi, contracts.circuitBreaker, caller),
    token: typedContract(testTokenAbi, contracts.token, caller),
    insuranceAccount: accountIdOf(contracts.insuranceFund),
    insuranceAccounts: [
      ...manifest.markets.map(({ id }) =>
        systemAccountOf(contracts.clearingHouse, BigInt(id), "tranche"),
      ),
      accountIdOf(contracts.insuranceFund),
      accountIdOf(contracts.reserveVault),
    ],
    backstopAccount: accountIdOf(contracts.backstopPool),
    lendersAccount: accountIdOf(contracts.creditVault),
    markets: {
      main: openMarket({ manifest, slot: "main", caller }),
      second: openMarket({ manifest, slot: "second", caller }),
    },
    collateral: {
      main: openCollateral({ manifest, slot: "main", caller }),
      second: openCollateral({ manifest, slot: "second", caller }),
    },
  };
}

/** Both collaterals, that which follows the main market first. */
export function collateralsOf({ collateral }: House): HouseCollateral[] {
  return MARKET_SLOTS.map((slot) => collateral[slot]);
}

/** Both markets, in the order of their numbers. */
export function marketsOf({ markets }: House): HouseMarket[] {
  return MARKET_SLOTS.map((slot) => markets[slot]);
}

function openCollateral(found: {
  manifest: Manifest;
  slot: MarketSlot;
  caller: Caller;
}): HouseCollateral {
  const { manifest, slot, caller } = found;
  const index = COLLATERAL_SLOTS.indexOf(slot);
  const collateral = manifest.collateral[index];
  const parameters = manifest.parameters.credit.collateral[index];
  if (collateral === undefined || parameters === undefined || collateral.feed.replay === null) {
    throw new Error(`the ${slot} market has no collateral whose price follows it`);
  }
  return {
    slot,
    asset: typedContract(testTokenAbi, collateral.asset, caller),
    decimals: collateral.decimals,
    feed: typedContract(replayFeedAbi, collateral.feed.replay, caller),
    terms: parameters.terms,
  };
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
