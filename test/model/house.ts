import { type Action, KEEPER } from "./action.ts";
import { type Call, type Log, marketOf, priceMemoryOf, Refusal } from "./call.ts";
import { mark } from "./distress.ts";
import { draftOf, settled } from "./draft.ts";
import { deposit, withdraw } from "./freeCash.ts";
import { tearUp, unwind } from "./inventory.ts";
import { liquidate } from "./liquidate.ts";
import { bookLoss, claim, touch } from "./marketEvents.ts";
import { liquidateAgainst, matchOrders } from "./match.ts";
import { poke } from "./oracle.ts";
import { tearUpPool } from "./poolTearUp.ts";
import { resolve } from "./resolve.ts";
import { settle } from "./settlement.ts";
import type { HouseState, MarketId, Mode } from "./state.ts";
import { takeOver, takeOverWhole } from "./takeOver.ts";
import type { HouseTerms } from "./terms.ts";
import { trade } from "./trade.ts";

/** What an action did: its events, or the error it was refused with. */
export interface Outcome {
  readonly refusal: Log | null;
  readonly logs: readonly Log[];
  readonly state: HouseState;
}

/** What the house becomes by an action; refused, it stays as it was. */
export function act(state: HouseState, terms: HouseTerms, action: Action, now: bigint): Outcome {
  const call: Call = { state: draftOf(state), terms, now, logs: [] };
  try {
    perform(call, action);
    return { refusal: null, logs: call.logs, state: settled(call.state) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { refusal: error.log, logs: [], state };
  }
}

function perform(call: Call, action: Action): void {
  switch (action.kind) {
    case "publish":
      publish(call, action.market, action.price);
      break;
    case "poke":
      poke(call, action.market);
      break;
    case "deposit":
      deposit(call, action.account, action.usd);
      break;
    case "withdraw":
      withdraw(call, action.account, action.usd);
      break;
    case "trade":
      trade(call, action);
      break;
    case "settle":
      settle(call, action.accounts, action.caller);
      break;
    case "setMode":
      setMode(call, action.market, action.mode);
      break;
    case "mark":
      mark(call, action.accounts);
      break;
    case "touch":
      touch(call, action.account, action.market, action.most);
      break;
    case "claimRefunds":
      claim(call, action.account, action.market, action.most);
      break;
    case "bookLoss":
      bookLoss(call, action.market);
      break;
    case "liquidate":
      liquidate(call, [action], KEEPER);
      break;
    case "liquidateBatch":
      liquidate(call, action.items, KEEPER);
      break;
    case "resolve":
      resolve(call, action.account, action.losers, KEEPER);
      break;
    case "unwind":
      unwind(call, action.market);
      break;
    case "tearUpPool":
      tearUpPool(call, action.market);
      break;
    case "tearUp":
      tearUp(call, action.market);
      break;
    case "matchOrders":
      matchOrders(call, action);
      break;
    case "liquidateAgainst":
      liquidateAgainst(call, action, KEEPER);
      break;
    case "takeOver":
      takeOver(call, action);
      break;
    case "takeOverWhole":
      takeOverWhole(call, action);
      break;
  }
}

function publish(call: Call, market: MarketId, price: bigint): void {
  const memory = priceMemoryOf(call, market);
  memory.feed = { id: memory.feed.id + 1n, price, publishedAt: call.now };
}

/** See IClearingHouse.setMarketMode. Only the mode changes: nothing is accrued. */
function setMode(call: Call, id: MarketId, mode: Mode): void {
  const market = marketOf(call, id);
  const codes = { Open: 1n, ReduceOnly: 2n, Halted: 3n };
  call.logs.push({ name: "MarketModeSet", args: [id, codes[market.mode], codes[mode]] });
  if (market.mode === "Halted" && mode !== "Halted") market.resumedAt = call.now;
  market.mode = mode;
}
