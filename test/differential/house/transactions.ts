import { MaxUint256 } from "ethers";
import type { backstopPoolAbi } from "../../../sdk/src/abis/BackstopPool.ts";
import type { circuitBreakerAbi } from "../../../sdk/src/abis/CircuitBreaker.ts";
import type { clearingHouseAbi } from "../../../sdk/src/abis/ClearingHouse.ts";
import type { delayedOrdersAbi } from "../../../sdk/src/abis/DelayedOrders.ts";
import type { liquidationEngineAbi } from "../../../sdk/src/abis/LiquidationEngine.ts";
import type { liquidityPoolAbi } from "../../../sdk/src/abis/LiquidityPool.ts";
import type { lossWaterfallAbi } from "../../../sdk/src/abis/LossWaterfall.ts";
import type { oracleRouterAbi } from "../../../sdk/src/abis/OracleRouter.ts";
import type { replayFeedAbi } from "../../../sdk/src/abis/ReplayFeed.ts";
import type { reserveVaultAbi } from "../../../sdk/src/abis/ReserveVault.ts";
import type { riskEngineAbi } from "../../../sdk/src/abis/RiskEngine.ts";
import type { signedOrdersAbi } from "../../../sdk/src/abis/SignedOrders.ts";
import { marketMode } from "../../../sdk/src/math/codes.ts";
import type { TypedContract } from "../../../sdk/src/typedContract.ts";
import { type Action, KEEPER } from "../../model/action.ts";
import { isCreditAction } from "../../model/creditActions.ts";
import { isOrderAction } from "../../model/orderActions.ts";
import type { AccountName, Delegate } from "../../model/state.ts";
import { poolOf } from "../../model/terms.ts";
import { borrowing } from "./borrowing.ts";
import type { Transaction } from "./chain.ts";
import type { CreditContracts } from "./creditContracts.ts";
import { following } from "./following.ts";
import { ordering } from "./ordering.ts";
import { RELAYS, throughRelay } from "./relays.ts";
import type { Signing } from "./signing.ts";

const TIER_CODES = { fund: 1n, protocol: 2n, backstop: 3n };
const USD_PER_NATIVE = 10n ** 12n;

/** Where actions go, and who takes them. */
export interface Contracts {
  readonly house: TypedContract<typeof clearingHouseAbi>;
  readonly breaker: TypedContract<typeof circuitBreakerAbi>;
  readonly oracle: TypedContract<typeof oracleRouterAbi>;
  readonly risk: TypedContract<typeof riskEngineAbi>;
  readonly engine: TypedContract<typeof liquidationEngineAbi>;
  readonly waterfall: TypedContract<typeof lossWaterfallAbi>;
  readonly backstop: TypedContract<typeof backstopPoolAbi>;
  readonly reserve: TypedContract<typeof reserveVaultAbi>;
  /** Liquidity pools, by market. */
  readonly pools: readonly TypedContract<typeof liquidityPoolAbi>[];
  readonly credit: CreditContracts;
  readonly delayed: TypedContract<typeof delayedOrdersAbi>;
  readonly signed: TypedContract<typeof signedOrdersAbi>;
  readonly signing: Signing;
  /** Addresses of those whom an account may give powers. */
  readonly delegates: Readonly<Record<Delegate, string>>;
  readonly feeds: readonly TypedContract<typeof replayFeedAbi>[];
  readonly idOf: (name: AccountName) => bigint;
}

/** The transaction that an action is. */
export function transactionOf(action: Action, on: Contracts): Transaction {
  if (isCreditAction(action)) return borrowing(action, on);
  if (isOrderAction(action)) return ordering(action, on);
  const { house, breaker, oracle, waterfall, backstop, reserve, pools, feeds, delegates, idOf } =
    on;
  const poolAt = (market: bigint) => {
    const pool = pools[Number(market)];
    if (pool === undefined) throw new RangeError(`No pool of market ${market}`);
    return pool;
  };
  switch (action.kind) {
    case "publish": {
      const feed = feeds[Number(action.market)];
      if (feed === undefined) throw new RangeError(`No market ${action.market}`);
      return feed.transaction("push", [action.price / 10n ** 10n]);
    }
    case "poke":
      return oracle.transaction("poke", [1n << action.market]);
    case "deposit":
      return throughRelay(
        "venue",
        house.transaction("deposit", [idOf(action.account), action.usd / USD_PER_NATIVE]),
      );
    case "withdraw": {
      const amount = action.usd / USD_PER_NATIVE;
      const to = RELAYS.venue;
      const args = [idOf(action.account), amount, to] as const;
      return throughRelay(action.caller, house.transaction("withdraw", args));
    }
    case "requestDeposit": {
      const { market, caller, amount, limitPrice } = action;
      return throughRelay(
        caller,
        poolAt(market).transaction("requestDeposit", [amount, limitPrice]),
      );
    }
    case "requestRedemption": {
      const { market, caller, shares, limitPrice } = action;
      const args = [shares, limitPrice] as const;
      return throughRelay(caller, poolAt(market).transaction("requestRedemption", args));
    }
    case "cancelDeposit": {
      const { market, caller, id } = action;
      return throughRelay(caller, poolAt(market).transaction("cancelDeposit", [id]));
    }
    case "claimPayout": {
      const { market, owner } = action;
      return throughRelay("anybody", poolAt(market).transaction("claim", [RELAYS[owner]]));
    }
    case "processDeposit": {
      const { market, id } = action;
      return throughRelay("anybody", poolAt(market).transaction("processDeposit", [id]));
    }
    case "processRedemptions": {
      const { market, most } = action;
      return throughRelay("anybody", poolAt(market).transaction("processRedemptions", [most]));
    }
    case "stake": {
      const { caller, amount } = action;
      return throughRelay(caller, backstop.transaction("deposit", [amount, RELAYS[caller]]));
    }
    case "requestCooldown": {
      const { caller, shares } = action;
      return throughRelay(caller, backstop.transaction("requestCooldown", [shares]));
    }
    case "redeemStake": {
      const { caller, shares } = action;
      const args = [shares, RELAYS[caller], RELAYS[caller]] as const;
      return throughRelay(caller, backstop.transaction("redeem", args));
    }
    case "fundReserve": {
      const { caller, amount } = action;
      return throughRelay(caller, reserve.transaction("deposit", [amount, RELAYS[caller]]));
    }
    case "coolReserve": {
      const { caller, shares } = action;
      return throughRelay(caller, reserve.transaction("requestCooldown", [shares]));
    }
    case "redeemReserve": {
      const { caller, shares } = action;
      const args = [shares, RELAYS[caller], RELAYS[caller]] as const;
      return throughRelay(caller, reserve.transaction("redeem", args));
    }
    case "checkpoint":
      return throughRelay("anybody", backstop.transaction("checkpoint", []));
    case "takeByBackstop": {
      const { account, market } = action;
      return throughRelay("anybody", backstop.transaction("take", [idOf(account), market]));
    }
    case "unwindByBackstop":
      return throughRelay("anybody", backstop.transaction("unwind", [action.market]));
    case "refreshCoverage":
      return throughRelay("anybody", house.transaction("refreshCoverage", [action.market]));
    case "setDelegate": {
      const { account, delegate, powers, caller } = action;
      const args = [idOf(account), delegates[delegate], powers] as const;
      return throughRelay(caller, house.transaction("setDelegate", args));
    }
    case "setTerms":
      return changing(action, on);
    case "setBackstopShare":
      return house.transaction("setBackstopShare", [action.share]);
    case "setHouseEpochCap":
      return waterfall.transaction("setHouseEpochCap", [TIER_CODES[action.tier], action.cap]);
    case "setAdaptive":
    case "setImplied":
    case "refreshMargins":
    case "raiseRegime":
      return following(action, on);
    case "distribute":
      return throughRelay("anybody", house.transaction("distribute", [action.market]));
    case "trade": {
      const { seconds: _, kind: __, account, keeper, caller, ...request } = action;
      const named = { ...request, account: idOf(account), keeper: idOf(keeper) };
      return throughRelay(caller, house.transaction("trade", [named]));
    }
    case "settle":
      return throughRelay(action.caller, house.transaction("settle", [action.accounts.map(idOf)]));
    case "setMode": {
      return breaker.transaction("setMode", [action.market, marketMode[action.mode]]);
    }
    case "noteOutage":
      return throughRelay("anybody", house.transaction("noteOutage", [action.market]));
    case "announceWindDown":
      return house.transaction("announceWindDown", [action.market, action.price]);
    case "cancelWindDown":
      return house.transaction("cancelWindDown", [action.market]);
    case "windDown":
      return throughRelay("anybody", house.transaction("windDown", [action.market]));
    case "mark":
      return throughRelay("anybody", house.transaction("mark", [action.accounts.map(idOf)]));
    case "touch": {
      const { account, market, most } = action;
      return throughRelay("anybody", house.transaction("touch", [idOf(account), market, most]));
    }
    case "claimRefunds": {
      const { account, market, most } = action;
      return throughRelay(
        "anybody",
        house.transaction("claimRefunds", [idOf(account), market, most]),
      );
    }
    case "liquidate": {
      const { account, market } = action;
      const args = [idOf(account), market, idOf(KEEPER)] as const;
      return throughRelay("anybody", house.transaction("liquidate", args));
    }
    case "liquidateBatch": {
      const items = action.items.map(({ account, market }) => ({
        account: idOf(account),
        market,
      }));
      return throughRelay("anybody", house.transaction("liquidateBatch", [items, idOf(KEEPER)]));
    }
    case "resolve": {
      const args = [idOf(action.account), action.losers.map(idOf), idOf(KEEPER)] as const;
      return throughRelay("anybody", house.transaction("resolve", args));
    }
    case "bookLoss":
      return throughRelay("anybody", house.transaction("bookLoss", [action.market]));
    case "unwind":
      return throughRelay("anybody", house.transaction("unwind", [action.market]));
    case "tearUpPool":
      return throughRelay("anybody", house.transaction("tearUpPool", [action.market]));
    case "tearUp":
      return throughRelay("anybody", house.transaction("tearUp", [action.market]));
    case "matchOrders": {
      const { seconds: _, kind: __, maker, taker, ...request } = action;
      const named = { ...request, maker: idOf(maker), taker: idOf(taker) };
      return throughRelay("venue", house.transaction("matchOrders", [named]));
    }
    case "liquidateAgainst": {
      const { seconds: _, kind: __, account, maker, ...request } = action;
      const named = {
        ...request,
        account: idOf(account),
        maker: idOf(maker),
        keeper: idOf(KEEPER),
      };
      return throughRelay("venue", house.transaction("liquidateAgainst", [named]));
    }
    case "takeOver":
      return throughRelay(action.caller, house.transaction("takeOver", [takenBy(action, idOf)]));
    case "takeOverWhole":
      return throughRelay(
        action.caller,
        house.transaction("takeOverWhole", [takenBy(action, idOf)]),
      );
  }
}

/** What the house is asked with for a take-over of either kind: at once, and without a callback. */
function takenBy<
  T extends {
    seconds: bigint;
    kind: string;
    account: AccountName;
    taker: AccountName;
    caller: string;
  },
>({ seconds: _, kind: __, caller: ___, account, taker, ...request }: T, idOf: Contracts["idOf"]) {
  return {
    ...request,
    account: idOf(account),
    taker: idOf(taker),
    deadline: MaxUint256,
    data: "0x",
  };
}

/** The governor sets one kind of terms at a time. */
function changing(
  { market, terms }: Extract<Action, { kind: "setTerms" }>,
  { house, risk, engine, waterfall, idOf }: Contracts,
): Transaction {
  if (terms.market !== undefined) {
    const pool = idOf(poolOf(market));
    return house.transaction("setMarketTerms", [market, { pool, ...terms.market }]);
  }
  if (terms.risk !== undefined) return risk.transaction("setRiskTerms", [market, terms.risk]);
  if (terms.cover !== undefined) return risk.transaction("setCoverTerms", [market, terms.cover]);
  if (terms.liquidation !== undefined) {
    return engine.transaction("setLiquidationTerms", [market, terms.liquidation]);
  }
  if (terms.auction !== undefined) {
    return engine.transaction("setAuctionTerms", [market, terms.auction]);
  }
  if (terms.insurance !== undefined) {
    return waterfall.transaction("setInsuranceTerms", [market, terms.insurance]);
  }
  if (terms.tiers !== undefined) {
    const args = [market, TIER_CODES.protocol, terms.tiers.protocol] as const;
    return waterfall.transaction("setTierTerms", args);
  }
  if (terms.split !== undefined) {
    return waterfall.transaction("setSplitTerms", [market, terms.split]);
  }
  throw new RangeError(`No terms of market ${market} are named`);
}
