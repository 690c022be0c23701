import { accountOf, type Call, log, Refusal } from "./call.ts";
import {
  amountOf,
  assetsOf,
  booked,
  collateralTermsOf,
  nativeUp,
  observedValue,
  setAmount,
  totalOf,
  worthOfCollateral,
} from "./collateral.ts";
import { drawToMargin, repayCredit } from "./creditLine.ts";
import {
  accrue,
  debtIn,
  debtOf,
  lendersCash,
  makeGood,
  repayDebt,
  totalDebt,
  writeOffDebt,
} from "./debts.ts";
import { deposit, needsPrices, withdraw } from "./freeCash.ts";
import { observe } from "./oracle.ts";
import { hasPower, requirePower, TRADE, WITHDRAW } from "./powers.ts";
import { lesser, ONE, Rational, whole } from "./rational.ts";
import { assess } from "./risk.ts";
import type { AccountName, Asset, Caller, Holder } from "./state.ts";
import { FUND, LENDERS, TOKEN_DECIMALS } from "./terms.ts";
import { open } from "./work.ts";

const LARGEST = 2n ** 256n - 1n;
/** Shares have six decimals more than the token. */
const SHARES_PER_UNIT = 10n ** 6n;
/** Collateral that less is lent against does not keep a debt from being written off. */
const WORTHLESS = ONE;

/** Whether an account has anything to do with credit. */
function isInvolved(call: Call, name: AccountName): boolean {
  const { scaled, writtenOff, deficit } = debtIn(call, name);
  return assetsOf(call, name).length > 0 || scaled + writtenOff + deficit !== 0n;
}

function flag(call: Call, name: AccountName, hasCredit: boolean): void {
  const account = accountOf(call, name);
  if (account.hasCredit === hasCredit) return;
  account.hasCredit = hasCredit;
  account.version += 1n;
  log(call, "CreditFlagSet", name, hasCredit ? 1n : 0n, account.version);
}

export function unflagIfDone(call: Call, name: AccountName): void {
  if (!isInvolved(call, name)) flag(call, name, false);
}

/** See ICreditVault.depositCollateral. */
export function depositCollateral(
  call: Call,
  name: AccountName,
  asset: Asset,
  native: bigint,
  caller: Caller,
): void {
  if (!hasPower(call, name, caller, TRADE | WITHDRAW)) {
    throw new Refusal("NotAuthorized", name, caller, TRADE | WITHDRAW);
  }
  if (native === 0n) throw new Refusal("CollateralAmountZero", name, asset);
  const { priceMarket, cap, decimals } = collateralTermsOf(call, asset);
  const { status } = observe(call, priceMarket, "SameBlock");
  if (status !== "Valid") throw new Refusal("CollateralPriceNotValid", asset, status);
  const isFirst = !isInvolved(call, name);
  const total = booked(totalOf(call, asset) + native, decimals);
  if (total > cap) throw new Refusal("CollateralCapExceeded", asset, total, cap);
  setAmount(call, name, asset, amountOf(call, name, asset) + native);
  if (isFirst) flag(call, name, true);
  const [own, all] = [amountOf(call, name, asset), totalOf(call, asset)];
  log(call, "CollateralDeposited", name, asset, caller, native, own, all);
}

/** Takes collateral from an account. */
export function removeCollateral(
  call: Call,
  name: AccountName,
  asset: Asset,
  native: bigint,
): void {
  const held = amountOf(call, name, asset);
  if (native > held) throw new Refusal("CollateralTooLow", name, asset, held, native);
  setAmount(call, name, asset, held - native);
}

/** See ICreditVault.withdrawCollateral; the caller gets it. */
export function withdrawCollateral(
  call: Call,
  name: AccountName,
  asset: Asset,
  native: bigint,
  caller: Caller,
): void {
  requirePower(call, name, caller, WITHDRAW);
  if (native === 0n) throw new Refusal("CollateralAmountZero", name, asset);
  accrue(call);
  const { deficit } = debtIn(call, name);
  if (deficit !== 0n) throw new Refusal("DeficitUnpaid", name, deficit);
  removeCollateral(call, name, asset, native);
  const debt = debtOf(call, name);
  if (debt !== 0n) {
    const value = observedValue(call, name, "Latest");
    if (debt > value) throw new Refusal("DebtAboveLine", name, debt, value);
  }
  requireMargin(call, name);
  unflagIfDone(call, name);
  const [own, all] = [amountOf(call, name, asset), totalOf(call, asset)];
  log(call, "CollateralWithdrawn", name, asset, caller, native, own, all);
}

/** E ≥ IM with the collateral that is left, and what carries positions is drawn. */
function requireMargin(call: Call, name: AccountName): void {
  if (!needsPrices(call, name)) return;
  const work = open(call, name, [], "Latest");
  const { equity, required } = assess(call, work, "Initial");
  if (equity < required) throw new Refusal("AccountBelowInitialMargin", name, equity, required);
  drawToMargin(call, work);
}

/** A payment in whole units of the token: the lenders first, then insurance what the account owes it. Returns what is left. */
export function settleDebt(call: Call, name: AccountName, native: bigint) {
  const repaid = repayDebt(call, name, booked(native, TOKEN_DECIMALS));
  const toLenders = nativeUp(repaid, TOKEN_DECIMALS);
  const paid = makeGood(call, name, booked(native - toLenders, TOKEN_DECIMALS));
  const toInsurance = nativeUp(paid, TOKEN_DECIMALS);
  return { repaid, toLenders, toInsurance, rest: native - toLenders - toInsurance };
}

/** Through the vault into an account. */
export function payIn(call: Call, name: AccountName, native: bigint): void {
  if (native !== 0n) deposit(call, name, booked(native, TOKEN_DECIMALS), "somebody");
}

/** See ICreditVault.repay. */
export function repayFrom(call: Call, name: AccountName, native: bigint): void {
  accrue(call);
  const { toLenders, toInsurance } = settleDebt(call, name, native);
  unflagIfDone(call, name);
  payIn(call, LENDERS, toLenders);
  payIn(call, FUND, toInsurance);
}

/** See ICreditVault.writeOff. */
export function writeOff(call: Call, name: AccountName): void {
  accrue(call);
  repayCredit(call, name, LARGEST, "Spare");
  const worth = worthOfCollateral(call, name, "Maintenance");
  if (debtIn(call, name).scaled === 0n || worth >= WORTHLESS) {
    throw new Refusal("NotToWriteOff", name, debtOf(call, name), worth);
  }
  writeOffDebt(call, name);
}

/** {qTok}, what the lenders own, down. */
export function totalAssets(call: Call): bigint {
  return (lendersCash(call) + totalDebt(call)) / 10n ** (18n - TOKEN_DECIMALS);
}

/** Shares for assets, down; with what a vault always has more than it has. */
function sharesFor(call: Call, native: bigint): bigint {
  const { supply } = call.state.credit;
  const perUnit = new Rational(supply + SHARES_PER_UNIT, totalAssets(call) + 1n);
  return whole(native).times(perUnit).floor();
}

/** See ERC-4626; the caller is the receiver. */
export function lendTo(call: Call, caller: Holder, native: bigint): void {
  const shares = sharesFor(call, native);
  accrue(call);
  payIn(call, LENDERS, native);
  const { credit } = call.state;
  credit.supply += shares;
  credit.balances.set(caller, (credit.balances.get(caller) ?? 0n) + shares);
  log(call, "Deposit", caller, caller, native, shares);
}

/** Redeems the caller's own shares for the caller, as far as there is cash. */
export function redeemLent(call: Call, caller: Holder, shares: bigint): void {
  const { credit } = call.state;
  const held = credit.balances.get(caller) ?? 0n;
  const payable = sharesFor(call, lendersCash(call) / 10n ** (18n - TOKEN_DECIMALS));
  const most = lesser(held, payable);
  if (shares > most) throw new Refusal("ERC4626ExceededMaxRedeem", caller, shares, most);
  const perShare = new Rational(totalAssets(call) + 1n, credit.supply + SHARES_PER_UNIT);
  const native = whole(shares).times(perShare).floor();
  accrue(call);
  credit.supply -= shares;
  credit.balances.set(caller, held - shares);
  if (native !== 0n) withdraw(call, LENDERS, booked(native, TOKEN_DECIMALS), caller);
  log(call, "Withdraw", caller, caller, caller, native, shares);
}
