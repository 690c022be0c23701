import { KEEPER } from "../../model/action.ts";
import type { OrderAction } from "../../model/orderActions.ts";
import type { Transaction } from "./chain.ts";
import { throughRelay } from "./relays.ts";
import type { Contracts } from "./transactions.ts";

const TRIGGERS = { None: 0n, Stop: 1n, TakeProfit: 2n };

/** The transaction that such an action is. */
export function ordering(action: OrderAction, on: Contracts): Transaction {
  const { delayed, signed, signing, idOf } = on;
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
    case "fillSigned": {
      const { order, taker, amount, caller } = action;
      const args = [signing.sign(order), idOf(taker), amount] as const;
      return throughRelay(caller, signed.transaction("fill", args));
    }
    case "fillSignedPair": {
      const { maker, taker, amount } = action;
      const args = [signing.sign(maker), signing.sign(taker), amount] as const;
      return throughRelay("anybody", signed.transaction("fillPair", args));
    }
    case "liquidateSigned": {
      const args = [idOf(action.account), signing.sign(action.order), idOf(KEEPER)] as const;
      return throughRelay("anybody", signed.transaction("liquidate", args));
    }
    case "cancelNonces": {
      const { account, word, mask, caller } = action;
      const args = [idOf(account), word, mask] as const;
      return throughRelay(caller, signed.transaction("cancelNonces", args));
    }
    case "raiseMinNonce": {
      const args = [idOf(action.account), action.nonce] as const;
      return throughRelay(action.caller, signed.transaction("raiseMinNonce", args));
    }
  }
}
