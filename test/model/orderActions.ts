import { type Action, KEEPER } from "./action.ts";
import type { Call } from "./call.ts";
import {
  cancelOrder,
  commitOrder,
  executeOrder,
  executeOrders,
  removeExpired,
} from "./delayedOrders.ts";
import {
  cancelNonces,
  fillSigned,
  fillSignedPair,
  liquidateSigned,
  raiseMinNonce,
} from "./signedOrders.ts";

/** What has to do with orders that wait at a venue, or are signed. */
const ORDER_KINDS = [
  "commitOrder",
  "cancelOrder",
  "executeOrder",
  "executeOrders",
  "removeExpired",
  "fillSigned",
  "fillSignedPair",
  "liquidateSigned",
  "cancelNonces",
  "raiseMinNonce",
] as const;

export type OrderAction = Extract<Action, { kind: (typeof ORDER_KINDS)[number] }>;

export function isOrderAction(action: Action): action is OrderAction {
  return ORDER_KINDS.some((kind) => kind === action.kind);
}

/** What such an action does. */
export function performOrder(call: Call, action: OrderAction): void {
  switch (action.kind) {
    case "commitOrder":
      commitOrder(call, action.order, action.caller);
      break;
    case "cancelOrder":
      cancelOrder(call, action.number, action.caller);
      break;
    case "executeOrder":
      executeOrder(call, action.number, action.keeper);
      break;
    case "executeOrders":
      executeOrders(call, action.numbers, action.keeper);
      break;
    case "removeExpired":
      removeExpired(call, action.numbers);
      break;
    case "fillSigned": {
      const { order, taker, amount, caller } = action;
      fillSigned(call, order, taker, amount, caller);
      break;
    }
    case "fillSignedPair":
      fillSignedPair(call, action.maker, action.taker, action.amount);
      break;
    case "liquidateSigned":
      liquidateSigned(call, action.account, action.order, KEEPER);
      break;
    case "cancelNonces": {
      const { account, word, mask, caller } = action;
      cancelNonces(call, account, word, mask, caller);
      break;
    }
    case "raiseMinNonce":
      raiseMinNonce(call, action.account, action.nonce, action.caller);
      break;
  }
}
