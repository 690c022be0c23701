import type { Action } from "./action.ts";
import type { Call } from "./call.ts";
import { collateralTermsOf } from "./collateral.ts";
import { startAuction, takeCollateral } from "./collateralAuction.ts";
import { drawCredit, repayCredit } from "./creditLine.ts";
import {
  depositCollateral,
  lendTo,
  redeemLent,
  repayFrom,
  withdrawCollateral,
  writeOff,
} from "./creditVault.ts";
import { accrue } from "./debts.ts";
import { publish } from "./oracle.ts";
import { hasPower, requirePower, WITHDRAW } from "./powers.ts";

/** What has to do with credit. */
const CREDIT_KINDS = [
  "publishCollateral",
  "depositCollateral",
  "withdrawCollateral",
  "drawCredit",
  "repayCredit",
  "repayDebt",
  "lend",
  "redeemLent",
  "accrue",
  "writeOff",
  "startAuction",
  "takeCollateral",
] as const;

export type CreditAction = Extract<Action, { kind: (typeof CREDIT_KINDS)[number] }>;

export function isCreditAction(action: Action): action is CreditAction {
  return CREDIT_KINDS.some((kind) => kind === action.kind);
}

/** What such an action does. */
export function performCredit(call: Call, action: CreditAction): void {
  switch (action.kind) {
    case "publishCollateral":
      publish(call, collateralTermsOf(call, action.asset).priceMarket, action.price);
      break;
    case "depositCollateral": {
      const { account, asset, amount, caller } = action;
      depositCollateral(call, account, asset, amount, caller);
      break;
    }
    case "withdrawCollateral": {
      const { account, asset, amount, caller } = action;
      withdrawCollateral(call, account, asset, amount, caller);
      break;
    }
    case "drawCredit":
      requirePower(call, action.account, action.caller, WITHDRAW);
      drawCredit(call, action.account, action.usd);
      break;
    case "repayCredit": {
      const { account, usd, caller } = action;
      const isEntitled = hasPower(call, account, caller, WITHDRAW);
      repayCredit(call, account, usd, isEntitled ? "Free" : "Spare");
      break;
    }
    case "repayDebt":
      repayFrom(call, action.account, action.amount);
      break;
    case "lend":
      lendTo(call, action.caller, action.amount);
      break;
    case "redeemLent":
      redeemLent(call, action.caller, action.shares);
      break;
    case "accrue":
      accrue(call);
      break;
    case "writeOff":
      writeOff(call, action.account);
      break;
    case "startAuction":
      startAuction(call, action.account, action.asset);
      break;
    case "takeCollateral":
      takeCollateral(call, action);
      break;
  }
}
