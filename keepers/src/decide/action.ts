import type { AccountId } from "../../../sdk/src/accountId.ts";
import { describeAccount } from "../../../sdk/src/accountId.ts";
import type { SignedOrder } from "../../../sdk/src/orders/signedOrder.ts";

export interface MarkItem {
  readonly account: AccountId;
  /** Whether the clock is to run afterwards. */
  readonly runs: boolean;
}

/** A thing a keeper can do now. Rewards are D18{USD}. */
export type Action =
  | {
      readonly kind: "liquidate";
      readonly items: readonly {
        readonly account: AccountId;
        readonly market: number;
        readonly rewardUsd: bigint;
      }[];
    }
  | {
      readonly kind: "resolve";
      readonly account: AccountId;
      readonly losers: readonly AccountId[];
      readonly rewardUsd: bigint;
    }
  | {
      readonly kind: "executeOrders";
      readonly orders: readonly { readonly id: bigint; readonly rewardUsd: bigint }[];
    }
  | {
      readonly kind: "takeOver";
      readonly account: AccountId;
      readonly market: number;
      /** Whether the account is the market's resolution account. */
      readonly isInventory: boolean;
      readonly taker: AccountId;
      /** D18{base} */
      readonly maxSize: bigint;
      /** D18{USD/base} */
      readonly limitPrice: bigint;
      /** {s} */
      readonly deadline: bigint;
      /** 0: any. */
      readonly expectedVersion: bigint;
      /** D18{USD} What the discount of `maxSize` comes to, in proportion. */
      readonly rewardUsd: bigint;
    }
  | {
      /** All positions of an account together. */
      readonly kind: "takeOverWhole";
      readonly account: AccountId;
      readonly taker: AccountId;
      /** D18{USD} */
      readonly minDiscountUsd: bigint;
      /** {s} */
      readonly deadline: bigint;
      readonly expectedVersion: bigint;
      /** D18{USD} The discount as it is seen now. */
      readonly rewardUsd: bigint;
    }
  | {
      /** Liquidates against a signed order instead of the pool. */
      readonly kind: "matchLiquidation";
      readonly account: AccountId;
      readonly market: number;
      /** Name of the order at its venue. */
      readonly orderHash: string;
      readonly maker: SignedOrder;
      readonly rewardUsd: bigint;
    }
  | {
      /** Lets the backstop take over by its rule. */
      readonly kind: "backstopTake";
      readonly account: AccountId;
      readonly market: number;
      readonly isInventory: boolean;
    }
  | { readonly kind: "backstopUnwind"; readonly market: number }
  | {
      /** Commits a reduce-only order of the keeper's own account. */
      readonly kind: "unload";
      readonly account: AccountId;
      readonly market: number;
      /** D18{base} */
      readonly sizeDelta: bigint;
      /** D18{USD/base} */
      readonly limitPrice: bigint;
      /** D18{USD} */
      readonly keeperFeeUsd: bigint;
      /** {s} */
      readonly expiry: bigint;
    }
  | { readonly kind: "startAuction"; readonly account: AccountId; readonly asset: string }
  | {
      /** Buys collateral in an auction with the wallet's tokens. */
      readonly kind: "takeCollateral";
      readonly account: AccountId;
      readonly asset: string;
      /** {qTok} of `asset` */
      readonly maxAmountNative: bigint;
      /** D18{USD/tok} */
      readonly limitPrice: bigint;
      /** {s} */
      readonly deadline: bigint;
      readonly to: string;
      /** D18{USD} The discount to the index of `maxAmountNative`. */
      readonly rewardUsd: bigint;
    }
  | { readonly kind: "writeOff"; readonly account: AccountId }
  | {
      /** Lets the oracle look at prices. */
      readonly kind: "poke";
      readonly markets: readonly number[];
    }
  | { readonly kind: "mark"; readonly items: readonly MarkItem[] }
  | { readonly kind: "settle"; readonly accounts: readonly AccountId[] }
  | {
      readonly kind: "touch";
      readonly account: AccountId;
      readonly market: number;
      readonly events: bigint;
    }
  | { readonly kind: "unwind"; readonly market: number }
  | { readonly kind: "tearUp"; readonly market: number }
  | { readonly kind: "tearUpPool"; readonly market: number }
  | { readonly kind: "bookLoss"; readonly market: number }
  | { readonly kind: "refreshCoverage"; readonly market: number }
  | { readonly kind: "refreshMargins"; readonly market: number }
  | {
      readonly kind: "relaxBreaker" | "releaseBreaker" | "sampleBreaker";
      readonly market: number;
    }
  /** `trigger` by its number in the contract. */
  | { readonly kind: "tripBreaker"; readonly market: number; readonly trigger: bigint }
  | {
      /** Adds to the market's regime for a while, since liquidations may feed themselves. */
      readonly kind: "raiseRegime";
      readonly market: number;
      /** D18{1} */
      readonly excess: bigint;
      readonly lifetimeSeconds: number;
    }
  | { readonly kind: "noteAccounts"; readonly accounts: readonly AccountId[] }
  | { readonly kind: "distribute"; readonly market: number }
  | { readonly kind: "noteOutage"; readonly market: number }
  | { readonly kind: "windDown"; readonly market: number }
  | { readonly kind: "processDeposit"; readonly market: number; readonly id: bigint }
  | { readonly kind: "processRedemptions"; readonly market: number; readonly count: bigint }
  | { readonly kind: "removeExpired"; readonly ids: readonly bigint[] };

export type ActionKind = Action["kind"];

/** What the action is about: two actions about one subject are never under way at once. */
export function subjectsOf(action: Action): readonly string[] {
  switch (action.kind) {
    case "liquidate":
      return [...new Set(action.items.map(({ account }) => `account ${describeAccount(account)}`))];
    case "mark":
      return action.items.map(({ account }) => `account ${describeAccount(account)}`);
    case "takeOver":
      return [soldBy(action), `account ${describeAccount(action.taker)}`];
    case "backstopTake":
      return [soldBy(action)];
    case "matchLiquidation":
      return [`account ${describeAccount(action.account)}`, `signed order ${action.orderHash}`];
    case "startAuction":
    case "writeOff":
      return [`collateral of ${describeAccount(action.account)}`];
    case "takeCollateral":
      // One at a time: the next one's limits are what this one leaves.
      return [`collateral of ${describeAccount(action.account)}`, "collateral bought"];
    case "poke":
      return action.markets.map((market) => `price ${market}`);
    case "backstopUnwind":
      return [`backstop ${action.market}`];
    case "takeOverWhole":
      return [action.account, action.taker].map((account) => `account ${describeAccount(account)}`);
    case "resolve":
    case "touch":
    case "unload":
      return [`account ${describeAccount(action.account)}`];
    case "executeOrders":
      return action.orders.map(({ id }) => `order ${id}`);
    case "settle":
      return action.accounts.map((account) => `settle ${describeAccount(account)}`);
    case "unwind":
    case "tearUp":
      return [`inventory ${action.market}`];
    case "tearUpPool":
      return [`pool ${action.market}`];
    case "bookLoss":
      return [`bookLoss ${action.market}`];
    case "refreshCoverage":
      return [`coverage ${action.market}`];
    case "refreshMargins":
      return [`margins ${action.market}`];
    case "relaxBreaker":
    case "releaseBreaker":
    case "sampleBreaker":
    case "tripBreaker":
      return [`breaker ${action.market}`];
    case "raiseRegime":
      return [`regime ${action.market}`];
    case "noteAccounts":
      return action.accounts.map((account) => `map ${describeAccount(account)}`);
    case "distribute":
      return [`tranche ${action.market}`];
    case "noteOutage":
    case "windDown":
      return [`end of ${action.market}`];
    case "processDeposit":
      return [`deposit ${action.market}/${action.id}`];
    case "processRedemptions":
      return [`redemptions ${action.market}`];
    case "removeExpired":
      return action.ids.map((id) => `order ${id}`);
  }
}

function soldBy(action: Extract<Action, { kind: "takeOver" | "backstopTake" }>): string {
  return action.isInventory
    ? `inventory ${action.market}`
    : `account ${describeAccount(action.account)}`;
}

/** Whether nobody pays the keeper for the gas: such calls share a budget. Unloading is the keeper's own business. */
export function isUnpaid(action: Action): boolean {
  return rewardOf(action) === null && action.kind !== "unload";
}

/** D18{USD} What the action earns; null for what pays nothing. */
export function rewardOf(action: Action): bigint | null {
  switch (action.kind) {
    case "liquidate":
      return action.items.reduce((sum, { rewardUsd }) => sum + rewardUsd, 0n);
    case "executeOrders":
      return action.orders.reduce((sum, { rewardUsd }) => sum + rewardUsd, 0n);
    case "resolve":
    case "takeOver":
    case "takeOverWhole":
    case "takeCollateral":
    case "matchLiquidation":
      return action.rewardUsd;
    default:
      return null;
  }
}

/** The action without the parts about some subjects; null when nothing is left. */
export function without(action: Action, isTaken: (subject: string) => boolean): Action | null {
  switch (action.kind) {
    case "liquidate": {
      const items = action.items.filter(
        ({ account }) => !isTaken(`account ${describeAccount(account)}`),
      );
      return items.length === 0 ? null : { ...action, items };
    }
    case "executeOrders": {
      const orders = action.orders.filter(({ id }) => !isTaken(`order ${id}`));
      return orders.length === 0 ? null : { ...action, orders };
    }
    case "settle": {
      const accounts = action.accounts.filter(
        (account) => !isTaken(`settle ${describeAccount(account)}`),
      );
      return accounts.length === 0 ? null : { ...action, accounts };
    }
    case "mark": {
      const items = action.items.filter(
        ({ account }) => !isTaken(`account ${describeAccount(account)}`),
      );
      return items.length === 0 ? null : { ...action, items };
    }
    case "removeExpired": {
      const ids = action.ids.filter((id) => !isTaken(`order ${id}`));
      return ids.length === 0 ? null : { ...action, ids };
    }
    default:
      return subjectsOf(action).some(isTaken) ? null : action;
  }
}
