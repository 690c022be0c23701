import type { clearingHouseAbi } from "../../../sdk/src/abis/ClearingHouse.ts";
import type { delayedOrdersAbi } from "../../../sdk/src/abis/DelayedOrders.ts";
import { type AccountId, describeAccount } from "../../../sdk/src/accountId.ts";
import type { TypedContract } from "../../../sdk/src/typedContract.ts";
import type { Receipt } from "../rpc/wire.ts";

/** Read what logs say. */
export interface LogReaders {
  readonly house: Pick<TypedContract<typeof clearingHouseAbi>, "parseLog">;
  readonly orders: Pick<TypedContract<typeof delayedOrdersAbi>, "parseLog">;
}

/** What one transaction of the keeper did. */
export interface Effects {
  /** Subjects of items that did something. Null where the kind of action has no items that could do nothing. */
  readonly affected: ReadonlySet<string> | null;
  readonly liquidated: readonly { readonly account: AccountId; readonly rewardUsd: bigint }[];
  readonly resolved: readonly AccountId[];
  readonly ordersExecuted: number;
  readonly settlements: number;
  readonly marks: number;
  readonly takeOvers: number;
}

/** `kind` of the action tells apart what was called for from what came along: a slice of a marked account marks it too. */
export function effectsOf(receipt: Receipt, { house, orders }: LogReaders, kind: string): Effects {
  const affected = new Set<string>();
  const liquidated: { account: AccountId; rewardUsd: bigint }[] = [];
  const resolved: AccountId[] = [];
  let [ordersExecuted, settlements, marks, takeOvers] = [0, 0, 0, 0];
  let hasItems = false;
  for (const log of receipt.logs) {
    const event = house.parseLog(log);
    switch (event?.name) {
      case "Liquidated":
        hasItems = true;
        affected.add(subjectOf(event.args.account));
        liquidated.push({ account: event.args.account, rewardUsd: event.args.rewardUsd });
        break;
      case "LiquidationSkipped":
        hasItems = true;
        break;
      case "Resolved":
        affected.add(subjectOf(event.args.account));
        resolved.push(event.args.account);
        break;
      case "Settled":
        settlements += 1;
        break;
      case "Marked":
      case "Unmarked":
        if (kind === "mark") marks += 1;
        break;
      case "TakenOver":
        takeOvers += 1;
        break;
      default:
    }
    const order = orders.parseLog(log);
    if (order?.name === "OrderExecuted") {
      hasItems = true;
      ordersExecuted += 1;
      affected.add(`order ${order.args.orderId}`);
    } else if (order?.name === "OrderSkipped") {
      hasItems = true;
    }
  }
  return {
    affected: hasItems ? affected : null,
    liquidated,
    resolved,
    ordersExecuted,
    settlements,
    marks,
    takeOvers,
  };
}

function subjectOf(account: AccountId): string {
  return `account ${describeAccount(account)}`;
}
