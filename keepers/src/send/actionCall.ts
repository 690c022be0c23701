import { backstopPoolAbi } from "../../../sdk/src/abis/BackstopPool.ts";
import { circuitBreakerAbi } from "../../../sdk/src/abis/CircuitBreaker.ts";
import { clearingHouseAbi } from "../../../sdk/src/abis/ClearingHouse.ts";
import { collateralAuctionAbi } from "../../../sdk/src/abis/CollateralAuction.ts";
import { creditVaultAbi } from "../../../sdk/src/abis/CreditVault.ts";
import { delayedOrdersAbi } from "../../../sdk/src/abis/DelayedOrders.ts";
import { enums } from "../../../sdk/src/abis/enums.ts";
import { liquidationMapAbi } from "../../../sdk/src/abis/LiquidationMap.ts";
import { liquidityPoolAbi } from "../../../sdk/src/abis/LiquidityPool.ts";
import { oracleRouterAbi } from "../../../sdk/src/abis/OracleRouter.ts";
import { riskEngineAbi } from "../../../sdk/src/abis/RiskEngine.ts";
import { signedOrdersAbi } from "../../../sdk/src/abis/SignedOrders.ts";
import type { AccountId } from "../../../sdk/src/accountId.ts";
import type { Manifest } from "../../../sdk/src/manifest.ts";
import { type Caller, typedContract } from "../../../sdk/src/typedContract.ts";
import type { Action } from "../decide/action.ts";
import { CLUSTER } from "../read/mapReader.ts";
import { isActing, type PlanCode, takeOverCodeOf } from "../read/reports.ts";

/** An action as a call, and how to read what a trial of it returned. */
export interface ActionCall {
  readonly to: string;
  readonly data: string;
  /** What of the action would do something; null when nothing would, with the reasons. */
  readonly effective: (returned: string) => {
    readonly action: Action | null;
    readonly reasons: readonly string[];
  };
}

export type ActionEncoder = (action: Action) => ActionCall;

export function actionEncoder({
  manifest,
  caller,
  keeper,
}: {
  manifest: Manifest;
  caller: Caller;
  keeper: AccountId;
}): ActionEncoder {
  const house = typedContract(clearingHouseAbi, manifest.contracts.clearingHouse, caller);
  const orders = typedContract(delayedOrdersAbi, manifest.contracts.delayedOrders, caller);
  const backstop = typedContract(backstopPoolAbi, manifest.contracts.backstopPool, caller);
  const signedOrders = typedContract(signedOrdersAbi, manifest.contracts.signedOrders, caller);
  const vault = typedContract(creditVaultAbi, manifest.contracts.creditVault, caller);
  const auction = typedContract(collateralAuctionAbi, manifest.contracts.collateralAuction, caller);
  const oracle = typedContract(oracleRouterAbi, manifest.contracts.oracleRouter, caller);
  const risk = typedContract(riskEngineAbi, manifest.contracts.riskEngine, caller);
  const breaker = typedContract(circuitBreakerAbi, manifest.contracts.circuitBreaker, caller);
  const map = typedContract(liquidationMapAbi, manifest.contracts.liquidationMap, caller);
  const poolOf = (market: number) => {
    const found = manifest.markets.find(({ id }) => id === market);
    if (found === undefined) throw new RangeError(`Market ${market} is not in the manifest`);
    return typedContract(liquidityPoolAbi, found.pool, caller);
  };

  return (action) => {
    const whole = () => ({ action, reasons: [] });
    const ifActing = (code: PlanCode | undefined) => ({
      action: isActing(code) ? action : null,
      reasons: [code ?? "unknown code"],
    });
    switch (action.kind) {
      case "liquidate": {
        const items = action.items.map(({ account, market }) => ({
          account,
          market: BigInt(market),
        }));
        return {
          ...house.transaction("liquidateBatch", [items, keeper]),
          effective(returned) {
            const codes = house
              .decodeResult("liquidateBatch", returned)
              .map((code) => enums.PlanCode[Number(code)] ?? `code ${code}`);
            const kept = action.items.filter(
              (_, i) => codes[i] === "Partial" || codes[i] === "Full",
            );
            return {
              action: kept.length === 0 ? null : { ...action, items: kept },
              reasons: codes,
            };
          },
        };
      }
      case "executeOrders":
        return {
          ...orders.transaction("executeBatch", [action.orders.map(({ id }) => id), keeper]),
          effective(returned) {
            const codes = orders
              .decodeResult("executeBatch", returned)
              .map((code) => enums.ExecutionCode[Number(code)] ?? `code ${code}`);
            const kept = action.orders.filter((_, i) => codes[i] === "Executed");
            return {
              action: kept.length === 0 ? null : { ...action, orders: kept },
              reasons: codes,
            };
          },
        };
      case "resolve":
        return {
          ...house.transaction("resolve", [action.account, action.losers, keeper]),
          effective: whole,
        };
      case "takeOver":
        return {
          ...house.transaction("takeOver", [
            {
              account: action.account,
              market: BigInt(action.market),
              taker: action.taker,
              maxSize: action.maxSize,
              limitPrice: action.limitPrice,
              deadline: action.deadline,
              expectedVersion: action.expectedVersion,
              data: "0x",
            },
          ]),
          effective: (returned) =>
            ifActing(takeOverCodeOf(house.decodeResult("takeOver", returned))),
        };
      case "takeOverWhole":
        return {
          ...house.transaction("takeOverWhole", [
            {
              account: action.account,
              taker: action.taker,
              minDiscountUsd: action.minDiscountUsd,
              deadline: action.deadline,
              expectedVersion: action.expectedVersion,
              data: "0x",
            },
          ]),
          effective: (returned) =>
            ifActing(takeOverCodeOf(house.decodeResult("takeOverWhole", returned).total)),
        };
      case "matchLiquidation":
        return {
          ...signedOrders.transaction("liquidate", [action.account, action.maker, keeper]),
          effective(returned) {
            const { code } = signedOrders.decodeResult("liquidate", returned);
            return ifActing(enums.PlanCode[Number(code)]);
          },
        };
      case "startAuction":
        return {
          ...auction.transaction("start", [action.account, action.asset]),
          effective: whole,
        };
      case "takeCollateral":
        return {
          ...auction.transaction("take", [
            {
              account: action.account,
              asset: action.asset,
              maxAmountNative: action.maxAmountNative,
              limitPrice: action.limitPrice,
              deadline: action.deadline,
              to: action.to,
            },
          ]),
          effective(returned) {
            const { amountNative } = auction.decodeResult("take", returned);
            return {
              action: amountNative === 0n ? null : action,
              reasons: ["nothing of it is for sale"],
            };
          },
        };
      case "writeOff":
        return { ...vault.transaction("writeOff", [action.account]), effective: whole };
      case "poke": {
        const bits = action.markets.reduce((set, market) => set | (1n << BigInt(market)), 0n);
        return { ...oracle.transaction("poke", [bits]), effective: whole };
      }
      case "backstopTake":
        return {
          ...backstop.transaction("take", [action.account, BigInt(action.market)]),
          effective: whole,
        };
      case "backstopUnwind":
        return { ...backstop.transaction("unwind", [BigInt(action.market)]), effective: whole };
      case "unload":
        return {
          ...orders.transaction("commit", [
            {
              account: action.account,
              market: BigInt(action.market),
              sizeDelta: action.sizeDelta,
              limitPrice: action.limitPrice,
              reduceOnly: true,
              trigger: 0n,
              triggerPrice: 0n,
              keeperFeeUsd: action.keeperFeeUsd,
              expiry: action.expiry,
            },
          ]),
          effective: whole,
        };
      case "mark": {
        const accounts = action.items.map(({ account }) => account);
        return {
          ...house.transaction("mark", [accounts]),
          effective(returned) {
            const runs = house.decodeResult("mark", returned);
            const kept = action.items.filter((item, i) => runs[i] === item.runs);
            return {
              action: kept.length === 0 ? null : { ...action, items: kept },
              reasons: ["their clocks would say nothing new"],
            };
          },
        };
      }
      case "settle":
        return { ...house.transaction("settle", [action.accounts]), effective: whole };
      case "touch":
        return {
          ...house.transaction("touch", [action.account, BigInt(action.market), action.events]),
          effective: whole,
        };
      case "tearUpPool":
        return {
          ...house.transaction("tearUpPool", [BigInt(action.market)]),
          effective: whole,
        };
      case "refreshMargins":
        return { ...risk.transaction("refresh", [BigInt(action.market)]), effective: whole };
      case "relaxBreaker":
        return { ...breaker.transaction("relax", [BigInt(action.market)]), effective: whole };
      case "releaseBreaker":
        return { ...breaker.transaction("release", [BigInt(action.market)]), effective: whole };
      case "tripBreaker": {
        const { market, trigger } = action;
        return { ...breaker.transaction("trip", [BigInt(market), trigger]), effective: whole };
      }
      case "sampleBreaker":
        return { ...breaker.transaction("sample", [BigInt(action.market)]), effective: whole };
      case "raiseRegime":
        return {
          ...risk.transaction("raiseRegime", [
            BigInt(action.market),
            CLUSTER,
            action.excess,
            BigInt(action.lifetimeSeconds),
          ]),
          effective: whole,
        };
      case "noteAccounts":
        return { ...map.transaction("note", [action.accounts]), effective: whole };
      case "unwind":
      case "tearUp":
      case "refreshCoverage":
      case "bookLoss":
      case "distribute":
      case "noteOutage":
      case "windDown":
        return { ...house.transaction(action.kind, [BigInt(action.market)]), effective: whole };
      case "processDeposit":
        return {
          ...poolOf(action.market).transaction("processDeposit", [action.id]),
          effective: whole,
        };
      case "processRedemptions":
        return {
          ...poolOf(action.market).transaction("processRedemptions", [action.count]),
          effective: whole,
        };
      case "removeExpired":
        return { ...orders.transaction("removeExpired", [action.ids]), effective: whole };
    }
  };
}
