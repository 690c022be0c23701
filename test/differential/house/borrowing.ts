import { found } from "../../model/call.ts";
import type { CreditAction } from "../../model/creditActions.ts";
import type { Asset } from "../../model/state.ts";
import type { Transaction } from "./chain.ts";
import { RELAYS, throughRelay } from "./relays.ts";
import type { Contracts } from "./transactions.ts";

/** The transaction that such an action is. */
export function borrowing(action: CreditAction, { house, credit, idOf }: Contracts): Transaction {
  const { vault, auction } = credit;
  const collateral = (asset: Asset) => found(credit.collateral.get(asset), asset);
  switch (action.kind) {
    case "publishCollateral":
      return collateral(action.asset).feed.transaction("push", [action.price / 10n ** 10n]);
    case "depositCollateral": {
      const { account, asset, amount, caller } = action;
      const { address } = collateral(asset).token;
      const args = [address, amount, idOf(account)] as const;
      return throughRelay(caller, vault.transaction("depositCollateral", args));
    }
    case "withdrawCollateral": {
      const { account, asset, amount, caller } = action;
      const { address } = collateral(asset).token;
      const args = [address, amount, idOf(account), RELAYS[caller]] as const;
      return throughRelay(caller, vault.transaction("withdrawCollateral", args));
    }
    case "drawCredit":
    case "repayCredit": {
      const args = [idOf(action.account), action.usd] as const;
      return throughRelay(action.caller, house.transaction(action.kind, args));
    }
    case "repayDebt": {
      const args = [idOf(action.account), action.amount] as const;
      return throughRelay(action.caller, vault.transaction("repay", args));
    }
    case "lend": {
      const args = [action.amount, RELAYS[action.caller]] as const;
      return throughRelay(action.caller, vault.transaction("deposit", args));
    }
    case "redeemLent": {
      const holder = RELAYS[action.caller];
      const args = [action.shares, holder, holder] as const;
      return throughRelay(action.caller, vault.transaction("redeem", args));
    }
    case "accrue":
      return throughRelay("anybody", vault.transaction("accrue", []));
    case "writeOff":
      return throughRelay("anybody", vault.transaction("writeOff", [idOf(action.account)]));
    case "startAuction": {
      const args = [idOf(action.account), collateral(action.asset).token.address] as const;
      return throughRelay("anybody", auction.transaction("start", args));
    }
    case "takeCollateral": {
      const { account, asset, most, limitPrice, deadline, caller } = action;
      const request = {
        account: idOf(account),
        asset: collateral(asset).token.address,
        maxAmountNative: most,
        limitPrice,
        deadline,
        to: RELAYS[caller],
      };
      return throughRelay(caller, auction.transaction("take", [request]));
    }
  }
}
