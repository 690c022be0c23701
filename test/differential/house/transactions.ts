import { MaxUint256 } from "ethers";
import type { circuitBreakerAbi } from "../../../sdk/src/abis/CircuitBreaker.ts";
import type { clearingHouseAbi } from "../../../sdk/src/abis/ClearingHouse.ts";
import type { oracleRouterAbi } from "../../../sdk/src/abis/OracleRouter.ts";
import type { replayFeedAbi } from "../../../sdk/src/abis/ReplayFeed.ts";
import type { TypedContract } from "../../../sdk/src/typedContract.ts";
import { type Action, KEEPER } from "../../model/action.ts";
import type { AccountName } from "../../model/state.ts";
import type { Transaction } from "./chain.ts";
import { RELAYS, throughRelay } from "./relays.ts";

const USD_PER_NATIVE = 10n ** 12n;

/** Where actions go, and who takes them. */
export interface Contracts {
  readonly house: TypedContract<typeof clearingHouseAbi>;
  readonly breaker: TypedContract<typeof circuitBreakerAbi>;
  readonly oracle: TypedContract<typeof oracleRouterAbi>;
  readonly feeds: readonly TypedContract<typeof replayFeedAbi>[];
  readonly idOf: (name: AccountName) => bigint;
}

/** The transaction that an action is. */
export function transactionOf(action: Action, on: Contracts): Transaction {
  const { house, breaker, oracle, feeds, idOf } = on;
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
      return throughRelay(
        "owner",
        house.transaction("withdraw", [idOf(action.account), amount, to]),
      );
    }
    case "trade": {
      const { seconds: _, kind: __, account, keeper, ...request } = action;
      const named = { ...request, account: idOf(account), keeper: idOf(keeper) };
      return throughRelay("venue", house.transaction("trade", [named]));
    }
    case "settle":
      return throughRelay(
        action.caller === "own" ? "owner" : "anybody",
        house.transaction("settle", [action.accounts.map(idOf)]),
      );
    case "setMode": {
      const mode = { Open: 1n, ReduceOnly: 2n, Halted: 3n }[action.mode];
      return breaker.transaction("setMode", [action.market, mode]);
    }
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
      return throughRelay("owner", house.transaction("takeOver", [takenBy(action, idOf)]));
    case "takeOverWhole":
      return throughRelay("owner", house.transaction("takeOverWhole", [takenBy(action, idOf)]));
  }
}

/** What the house is asked with for a take-over of either kind: at once, and without a callback. */
function takenBy<
  T extends { seconds: bigint; kind: string; account: AccountName; taker: AccountName },
>({ seconds: _, kind: __, account, taker, ...request }: T, idOf: Contracts["idOf"]) {
  return {
    ...request,
    account: idOf(account),
    taker: idOf(taker),
    deadline: MaxUint256,
    data: "0x",
  };
}
