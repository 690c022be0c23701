import type { Action } from "../../model/action.ts";
import type { Transaction } from "./chain.ts";
import { throughRelay } from "./relays.ts";
import type { Contracts } from "./transactions.ts";

/** What has to do with delayed orders. */
export type Ordering = Extract<
  Action,
  { kind: "commitOrder" | "cancelOrder" | "executeOrder" | "executeOrders" | "removeExpired" }
>;

const TRIGGERS = { None: 0n, Stop: 1n, TakeProfit: 2n };

/** The transaction that such an action is. */
export function ordering(action: Ordering, { delayed, idOf }: Contracts): Transaction {
  switch (action.kind) {
    case "commitOrder": {
      const { order, caller } = action;
      const trigger = TRIGGERS[order.trigger];
      const named = { ...order, account: idOf(order.account), trigger };
      return throughRelay(caller, delayed.transaction("commit", [named]));
    }
    case "cancelOrder":
      return throughRelay(action.caller, delayed.transaction("cancel", [action.number]));
    case "executeOrder": {
      const args = [action.number, idOf(action.keeper)] as const;
      return throughRelay("anybody", delayed.transaction("execute", args));
    }
    case "executeOrders": {
      const args = [action.numbers, idOf(action.keeper)] as const;
      return throughRelay("anybody", delayed.transaction("executeBatch", args));
    }
    case "removeExpired":
      return throughRelay("anybody", delayed.transaction("removeExpired", [action.numbers]));
  }
}
