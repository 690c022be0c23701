import type { clearingHouseAbi } from "../../../sdk/src/abis/ClearingHouse.ts";
import type { creditVaultAbi } from "../../../sdk/src/abis/CreditVault.ts";
import type { delayedOrdersAbi } from "../../../sdk/src/abis/DelayedOrders.ts";
import { enums } from "../../../sdk/src/abis/enums.ts";
import { type AccountId, describeAccount } from "../../../sdk/src/accountId.ts";
import { ONE } from "../../../sdk/src/amounts.ts";
import { magnitude } from "../../../sdk/src/math/fixedPoint.ts";
import type { TypedContract } from "../../../sdk/src/typedContract.ts";
import type { Receipt } from "../rpc/wire.ts";
import type { RouteUse } from "./routes.ts";

/** Read what logs say. */
export interface LogReaders {
  readonly house: Pick<TypedContract<typeof clearingHouseAbi>, "parseLog">;
  readonly orders: Pick<TypedContract<typeof delayedOrdersAbi>, "parseLog">;
  readonly vault: Pick<TypedContract<typeof creditVaultAbi>, "parseLog">;
}

/** What one transaction of the keeper did. */
export interface Effects {
  /** Subjects of items that did something. Null where the kind of action has no items that could do nothing. */
  readonly affected: ReadonlySet<string> | null;
  /** Why items did nothing. */
  readonly skips: readonly string[];
  readonly routes: readonly RouteUse[];
  readonly liquidated: readonly { readonly account: AccountId; readonly rewardUsd: bigint }[];
  readonly resolved: readonly AccountId[];
  readonly ordersExecuted: number;
  readonly settlements: number;
  readonly marks: number;
  readonly takeOvers: number;
}

export interface EffectsInput {
  readonly receipt: Receipt;
  readonly contracts: LogReaders;
  /** Of the action: tells apart what was called for from what came along. A slice of a marked account marks it too. */
  readonly kind: string;
  /** D18{USD/base} For the worth of what has no price of its own. */
  readonly prices: ReadonlyMap<number, bigint>;
}

/** Mutable while one receipt is read. */
interface Draft {
  readonly affected: Set<string>;
  readonly skips: string[];
  readonly routes: RouteUse[];
  readonly liquidated: { account: AccountId; rewardUsd: bigint }[];
  readonly resolved: AccountId[];
  hasItems: boolean;
  ordersExecuted: number;
  settlements: number;
  marks: number;
  takeOvers: number;
  /** D18{USD} */
  takenUsd: bigint;
  /** D18{USD} */
  movedUsd: bigint;
}

export function effectsOf(input: EffectsInput): Effects {
  const draft: Draft = {
    affected: new Set(),
    skips: [],
    routes: [],
    liquidated: [],
    resolved: [],
    hasItems: input.kind === "mark",
    ordersExecuted: 0,
    settlements: 0,
    marks: 0,
    takeOvers: 0,
    takenUsd: 0n,
    movedUsd: 0n,
  };
  for (const log of input.receipt.logs) {
    readHouse(input, log, draft);
    readOrders(input, log, draft);
    const sale = input.contracts.vault.parseLog(log);
    if (sale?.name === "CollateralSold")
      draft.routes.push({
        route: "collateralAuction",
        notionalUsd: sale.args.repaidUsd + sale.args.restUsd,
      });
  }
  if (draft.takeOvers > 0) {
    const route =
      input.kind === "takeOverWhole"
        ? "takeOverWhole"
        : input.kind === "backstopTake"
          ? "backstop"
          : "takeOver";
    draft.routes.push({ route, notionalUsd: draft.takenUsd });
  }
  if (draft.resolved.length > 0)
    draft.routes.push({ route: "resolution", notionalUsd: draft.movedUsd });
  const { hasItems, affected, ...rest } = draft;
  return { ...rest, affected: hasItems ? affected : null };
}

type Log = Receipt["logs"][number];

function readHouse({ contracts, kind, prices }: EffectsInput, log: Log, draft: Draft): void {
  const event = contracts.house.parseLog(log);
  switch (event?.name) {
    case "Liquidated": {
      const { account, rewardUsd, sizeDelta, price } = event.args;
      draft.hasItems ||= kind !== "matchLiquidation";
      draft.affected.add(subjectOf(account));
      draft.liquidated.push({ account, rewardUsd });
      draft.routes.push({
        route: kind === "matchLiquidation" ? "signedOrder" : "slice",
        notionalUsd: worthOf(sizeDelta, price),
      });
      break;
    }
    case "LiquidationSkipped":
    case "TakeOverSkipped":
    case "TakeOverWholeSkipped":
      draft.hasItems = true;
      draft.skips.push(enums.PlanCode[Number(event.args.code)] ?? String(event.args.code));
      break;
    case "Resolved":
      draft.affected.add(subjectOf(event.args.account));
      draft.resolved.push(event.args.account);
      break;
    case "PositionMoved":
      draft.movedUsd += worthOf(event.args.size, prices.get(Number(event.args.market)));
      break;
    case "Settled":
      draft.settlements += 1;
      break;
    case "Marked":
    case "Unmarked":
      if (kind !== "mark") break;
      draft.affected.add(subjectOf(event.args.account));
      draft.marks += 1;
      break;
    case "TakenOver":
      draft.takeOvers += 1;
      draft.takenUsd += worthOf(event.args.sizeDelta, event.args.price);
      break;
    case "TornUp":
      draft.routes.push({
        route: "tearUp",
        notionalUsd: worthOf(event.args.size, prices.get(Number(event.args.market))),
      });
      break;
    default:
  }
}

function readOrders({ contracts }: EffectsInput, log: Log, draft: Draft): void {
  const order = contracts.orders.parseLog(log);
  if (order?.name === "OrderExecuted") {
    draft.hasItems = true;
    draft.ordersExecuted += 1;
    draft.affected.add(`order ${order.args.orderId}`);
  } else if (order?.name === "OrderSkipped") {
    draft.hasItems = true;
    draft.skips.push(enums.ExecutionCode[Number(order.args.code)] ?? String(order.args.code));
  }
}

/** D18{USD} */
function worthOf(size: bigint, price: bigint | undefined): bigint {
  return (magnitude(size) * (price ?? 0n)) / ONE;
}

function subjectOf(account: AccountId): string {
  return `account ${describeAccount(account)}`;
}
