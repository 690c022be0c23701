import { type Action, KEEPER } from "./action.ts";
import { checkpoint, redeem, stake, takeByBackstop, unwindByBackstop } from "./backstop.ts";
import { type Call, type Log, marketOf, Refusal } from "./call.ts";
import { refreshCoverage } from "./coverage.ts";
import { type CreditAction, isCreditAction, performCredit } from "./creditActions.ts";
import { mark } from "./distress.ts";
import { draftOf, settled } from "./draft.ts";
import { deposit, withdraw } from "./freeCash.ts";
import { setBackstopShare, setHouseEpochCap, setTerms } from "./governing.ts";
import { tearUp, unwind } from "./inventory.ts";
import { liquidate } from "./liquidate.ts";
import { bookLoss, claim, touch } from "./marketEvents.ts";
import { liquidateAgainst, matchOrders } from "./match.ts";
import { raiseRegime, refreshMargins, setAdaptive } from "./multipliers.ts";
import { poke, publish } from "./oracle.ts";
import { isOrderAction, type OrderAction, performOrder } from "./orderActions.ts";
import {
  cancelDeposit,
  claimPayout,
  processDeposit,
  processRedemptions,
  requestDeposit,
  requestRedemption,
} from "./pool.ts";
import { tearUpPool } from "./poolTearUp.ts";
import { requirePower, requireVenueOf, setDelegate, TRADE, WITHDRAW } from "./powers.ts";
import { fundReserve, redeemReserve } from "./reserve.ts";
import { resolve } from "./resolve.ts";
import { settle } from "./settlement.ts";
import { requestCooldown } from "./staking.ts";
import type { HouseState, MarketId, Mode } from "./state.ts";
import { takeOver, takeOverWhole } from "./takeOver.ts";
import { distribute } from "./tiers.ts";
import { tradeFor } from "./trade.ts";
import { callAt } from "./views.ts";
import { announceWindDown, cancelWindDown, noteOutage, windDown } from "./windDown.ts";

/** What an action did: its events, or the error it was refused with. */
export interface Outcome {
  readonly refusal: Log | null;
  readonly logs: readonly Log[];
  readonly state: HouseState;
}

/** What the house becomes by an action; refused, it stays as it was. */
export function act(state: HouseState, action: Action, now: bigint): Outcome {
  const call = callAt(draftOf(state), now);
  try {
    perform(call, action);
    return { refusal: null, logs: call.logs, state: settled(call.state) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { refusal: error.log, logs: [], state };
  }
}

function perform(call: Call, action: Action): void {
  if (isCreditAction(action)) performCredit(call, action);
  else if (isOrderAction(action)) performOrder(call, action);
  else performOther(call, action);
}

function performOther(call: Call, action: Exclude<Action, CreditAction | OrderAction>): void {
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
      requirePower(call, action.account, action.caller, WITHDRAW);
      withdraw(call, action.account, action.usd);
      break;
    case "requestDeposit": {
      const { market, caller, amount, limitPrice } = action;
      requestDeposit(call, market, caller, amount, limitPrice);
      break;
    }
    case "requestRedemption": {
      const { market, caller, shares, limitPrice } = action;
      requestRedemption(call, market, caller, shares, limitPrice);
      break;
    }
    case "cancelDeposit":
      cancelDeposit(call, action.market, action.id, action.caller);
      break;
    case "claimPayout":
      claimPayout(call, action.market, action.owner);
      break;
    case "processDeposit":
      processDeposit(call, action.market, action.id);
      break;
    case "processRedemptions":
      processRedemptions(call, action.market, action.most);
      break;
    case "stake":
      stake(call, action.caller, action.amount);
      break;
    case "requestCooldown":
      requestCooldown(call, call.state.backstop, action.caller, action.shares);
      break;
    case "fundReserve":
      fundReserve(call, action.caller, action.amount);
      break;
    case "coolReserve":
      requestCooldown(call, call.state.reserve, action.caller, action.shares);
      break;
    case "redeemReserve":
      redeemReserve(call, action.caller, action.shares);
      break;
    case "redeemStake":
      redeem(call, action.caller, action.shares);
      break;
    case "checkpoint":
      checkpoint(call);
      break;
    case "takeByBackstop":
      takeByBackstop(call, action.account, action.market);
      break;
    case "unwindByBackstop":
      unwindByBackstop(call, action.market);
      break;
    case "refreshCoverage":
      refreshCoverage(call, action.market);
      break;
    case "setDelegate":
      setDelegate(call, action);
      break;
    case "setTerms":
      setTerms(call, action.market, action.terms);
      break;
    case "setBackstopShare":
      setBackstopShare(call, action.share);
      break;
    case "setHouseEpochCap":
      setHouseEpochCap(call, action.tier, action.cap);
      break;
    case "setAdaptive":
      setAdaptive(call, action.market, action.following);
      break;
    case "setImplied":
      marketOf(call, action.market).implied = action.implied;
      break;
    case "refreshMargins":
      refreshMargins(call, action.market);
      break;
    case "raiseRegime": {
      const { market, component, excess, lifetime } = action;
      raiseRegime(call, market, component, excess, lifetime);
      break;
    }
    case "distribute":
      distribute(call, action.market);
      break;
    case "trade":
      tradeFor(call, action, action.caller);
      break;
    case "settle":
      settle(call, action.accounts, action.caller);
      break;
    case "setMode":
      setMode(call, action.market, action.mode);
      break;
    case "noteOutage":
      noteOutage(call, action.market);
      break;
    case "announceWindDown":
      announceWindDown(call, action.market, action.price);
      break;
    case "cancelWindDown":
      cancelWindDown(call, action.market);
      break;
    case "windDown":
      windDown(call, action.market);
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
      requireVenueOf(call, action.maker, "venue");
      requireVenueOf(call, action.taker, "venue");
      matchOrders(call, action);
      break;
    case "liquidateAgainst":
      requireVenueOf(call, action.maker, "venue");
      liquidateAgainst(call, action, KEEPER);
      break;
    case "takeOver":
      requirePower(call, action.taker, action.caller, TRADE);
      takeOver(call, action);
      break;
    case "takeOverWhole":
      requirePower(call, action.taker, action.caller, TRADE);
      takeOverWhole(call, action);
      break;
  }
}

/** See IClearingHouse.setMarketMode. Only the mode changes: nothing is accrued. */
function setMode(call: Call, id: MarketId, mode: Mode): void {
  const market = marketOf(call, id);
  if (market.ended !== null) throw new Refusal("MarketWoundDown", id);
  const codes = { Open: 1n, ReduceOnly: 2n, Halted: 3n, WoundDown: 4n };
  call.logs.push({ name: "MarketModeSet", args: [id, codes[market.mode], codes[mode]] });
  if (market.mode === "Halted" && mode !== "Halted") market.resumedAt = call.now;
  market.mode = mode;
}
