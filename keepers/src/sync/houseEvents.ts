import { clearingHouseAbi } from "../../../sdk/src/abis/ClearingHouse.ts";
import { creditVaultAbi } from "../../../sdk/src/abis/CreditVault.ts";
import { delayedOrdersAbi } from "../../../sdk/src/abis/DelayedOrders.ts";
import { liquidityPoolAbi } from "../../../sdk/src/abis/LiquidityPool.ts";
import { type AccountId, ownerOf } from "../../../sdk/src/accountId.ts";
import type { Manifest } from "../../../sdk/src/manifest.ts";
import { type Caller, typedContract } from "../../../sdk/src/typedContract.ts";
import type { Log } from "../rpc/wire.ts";
import type { BlockFacts } from "../store/chainStore.ts";

/** Reads what logs mean for a keeper. */
export interface EventReader {
  /** Contracts whose logs are read. */
  readonly addresses: readonly string[];
  /** `timestampOf` gives the time of a block: an order waits from the time of its commitment on. */
  factsOf(logs: readonly Log[], timestampOf: (block: number) => number): BlockFacts;
  /** Blocks whose time is needed. */
  blocksToDate(logs: readonly Log[]): number[];
}

/** Mutable while one stretch of logs is read. */
type Draft = { -readonly [K in keyof BlockFacts]: BlockFacts[K][number][] };

export function houseEvents(manifest: Manifest, caller: Caller): EventReader {
  const house = typedContract(clearingHouseAbi, manifest.contracts.clearingHouse, caller);
  const orders = typedContract(delayedOrdersAbi, manifest.contracts.delayedOrders, caller);
  const vault = typedContract(creditVaultAbi, manifest.contracts.creditVault, caller);
  const pools = manifest.markets.map((market) => ({
    market: market.id,
    contract: typedContract(liquidityPoolAbi, market.pool, caller),
  }));
  const poolAccounts = new Set(manifest.markets.map((market) => market.poolAccount));
  const committedTopic = orders.topicOf("OrderCommitted");

  /** The house's own accounts and pools are no keeper's to liquidate; they are seen through the markets. */
  const isWatched = (account: AccountId) =>
    !poolAccounts.has(account) && ownerOf(account) !== house.address;

  function readHouse(log: Log, draft: Draft): void {
    const event = house.parseLog(log);
    if (event === undefined || !("account" in event.args) || event.name.endsWith("Skipped")) return;
    const { account } = event.args;
    if (isWatched(account)) draft.touched.push({ block: log.blockNumber, account });
  }

  function readOrders(log: Log, draft: Draft, timestampOf: (block: number) => number): void {
    const event = orders.parseLog(log);
    const block = log.blockNumber;
    switch (event?.name) {
      case "OrderCommitted": {
        const { order, orderId } = event.args;
        draft.ordersCommitted.push({
          block,
          id: orderId,
          account: order.account,
          market: Number(order.market),
          sizeDelta: order.sizeDelta,
          trigger: Number(order.trigger),
          triggerPrice: order.triggerPrice,
          keeperFeeUsd: order.keeperFeeUsd,
          expiry: Number(order.expiry),
          committedAt: timestampOf(block),
        });
        break;
      }
      case "OrderExecuted":
      case "OrderCancelled":
      case "OrderRemoved":
        draft.ordersClosed.push({ block, id: event.args.orderId });
        break;
      default:
    }
  }

  function readVault(log: Log, draft: Draft): void {
    const event = vault.parseLog(log);
    if (event === undefined || !("account" in event.args)) return;
    draft.creditTouched.push({ block: log.blockNumber, account: event.args.account });
  }

  function readPool(log: Log, draft: Draft): void {
    const block = log.blockNumber;
    for (const { market, contract } of pools) {
      const event = contract.parseLog(log);
      switch (event?.name) {
        case "DepositRequested":
        case "RedemptionRequested": {
          const kind = event.name === "DepositRequested" ? "deposit" : "redemption";
          draft.requestsMade.push({
            block,
            market,
            kind,
            id: event.args.id,
            readyAt: Number(event.args.readyAt),
          });
          break;
        }
        case "DepositProcessed":
        case "DepositReturned":
        case "DepositCancelled":
          draft.requestsClosed.push({ block, market, kind: "deposit", id: event.args.id });
          break;
        case "RedemptionReturned":
          draft.requestsClosed.push({ block, market, kind: "redemption", id: event.args.id });
          break;
        case "RedemptionPaid":
          if (event.args.sharesLeft === 0n) {
            draft.requestsClosed.push({ block, market, kind: "redemption", id: event.args.id });
          }
          break;
        default:
      }
    }
  }

  return {
    addresses: [
      house.address,
      orders.address,
      vault.address,
      ...pools.map(({ contract }) => contract.address),
    ],
    blocksToDate: (logs) => [
      ...new Set(
        logs.flatMap((log) => (log.topics[0] === committedTopic ? [log.blockNumber] : [])),
      ),
    ],
    factsOf(logs, timestampOf) {
      const draft: Draft = {
        touched: [],
        creditTouched: [],
        ordersCommitted: [],
        ordersClosed: [],
        requestsMade: [],
        requestsClosed: [],
      };
      for (const log of logs) {
        readHouse(log, draft);
        readOrders(log, draft, timestampOf);
        readVault(log, draft);
        readPool(log, draft);
      }
      return draft;
    },
  };
}
