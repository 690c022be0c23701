import { accountOf, available, type Call, credit, log, marginCash, Refusal } from "./call.ts";
import { assetsOf, observedValue, valueOfCollateral } from "./collateral.ts";
import { accrue, bear, debtOf, lend, lendersCash, owedOf, repayDebt } from "./debts.ts";
import { gathered, needsPrices } from "./freeCash.ts";
import { lesser, positive } from "./rational.ts";
import { assess, type Kind } from "./risk.ts";
import type { AccountName } from "./state.ts";
import { LENDERS } from "./terms.ts";
import { open, type Work } from "./work.ts";

/** max(0, value − debt), at most what the lenders can pay at once. */
function lineFor(call: Call, name: AccountName, value: bigint): bigint {
  return lesser(positive(value - owedOf(call, name)), lendersCash(call));
}

/** What an account may draw, as far as `kind` trusts the prices of its collateral. */
export function lineOf(call: Call, name: AccountName, kind: Kind): bigint {
  if (!accountOf(call, name).hasCredit) return 0n;
  return lineFor(call, name, valueOfCollateral(call, name, kind));
}

/** Draws as much as the line allows; returns it. */
export function drawUpTo(call: Call, name: AccountName, wanted: bigint): bigint {
  const account = accountOf(call, name);
  if (!account.hasCredit) return 0n;
  accrue(call);
  const drawn = lesser(wanted, lineFor(call, name, observedValue(call, name, "SameBlock")));
  if (drawn === 0n) return 0n;
  lend(call, name, drawn);
  const lenders = accountOf(call, LENDERS);
  lenders.cash -= drawn;
  lenders.version += 1n;
  account.cash += drawn;
  account.version += 1n;
  log(call, "CreditDrawn", name, drawn, account.cash, account.version, lenders.cash);
  return drawn;
}

/** Draws what initial margin lacks without the line. */
export function drawToMargin(call: Call, work: Work): void {
  if (!work.account.hasCredit) return;
  const { equity, required } = assess(call, work, "Initial", null);
  if (required > equity) drawUpTo(call, work.name, required - equity);
}

/** Draws what cash lacks for a cost. */
export function drawForCosts(call: Call, { account, name }: Work, cost: bigint): void {
  const missing = cost - available(account);
  if (account.hasCredit && missing > 0n) drawUpTo(call, name, missing);
}

/** See IClearingHouse.drawCredit. */
export function drawCredit(call: Call, name: AccountName, amount: bigint): void {
  if (amount === 0n) throw new Refusal("AmountZero", name);
  const drawn = drawUpTo(call, name, amount);
  if (drawn < amount) throw new Refusal("CreditLineTooLow", name, drawn, amount);
}

/** Out of which cash: what margin does not need without the line, or what could be withdrawn. */
export type RepayScope = "Spare" | "Free";

/** See IClearingHouse.repayCredit. */
export function repayCredit(call: Call, name: AccountName, most: bigint, scope: RepayScope): void {
  const account = accountOf(call, name);
  if (!account.hasCredit || debtOf(call, name) === 0n) return;
  const offered = lesser(most, cashFor(call, name, scope));
  if (offered === 0n) return;
  accrue(call);
  const repaid = repayDebt(call, name, offered);
  if (repaid === 0n) return;
  account.cash -= repaid;
  account.version += 1n;
  credit(call, LENDERS, repaid);
  log(call, "CreditRepaid", name, repaid, account.cash, account.version, lendersCash(call));
}

function cashFor(call: Call, name: AccountName, scope: RepayScope): bigint {
  if (!needsPrices(call, name)) return marginCash(accountOf(call, name));
  const work = open(call, name, [], "SameBlock");
  return gathered(call, work, scope === "Spare" ? null : "Initial");
}

/** The collateral of an account answers for what its default leaves to others. */
export function bearDeficit(call: Call, name: AccountName, amount: bigint): void {
  if (accountOf(call, name).hasCredit && assetsOf(call, name).length > 0) bear(call, name, amount);
}
