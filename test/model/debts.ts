import { type Call, log } from "./call.ts";
import { exact, lesser, ONE, Rational, up, whole } from "./rational.ts";
import type { AccountName, Debt } from "./state.ts";
import { LENDERS } from "./terms.ts";

/** The interest index has 27 decimals. */
const INDEX = 10n ** 27n;
const YEAR = 365n * 86_400n;

export function debtIn({ state }: Call, name: AccountName): Debt {
  return state.credit.debts.get(name) ?? { scaled: 0n, writtenOff: 0n, deficit: 0n };
}

function change(call: Call, name: AccountName, part: Partial<Debt>): void {
  call.state.credit.debts.set(name, { ...debtIn(call, name), ...part });
}

/** Cash of the lenders. */
export function lendersCash({ state }: Call): bigint {
  return state.accounts.get(LENDERS)?.cash ?? 0n;
}

/** Utilization and rate (both up) at the cash that lenders have, and the index (up) that this rate has led to since it was last brought up to date. */
export function interestAt(call: Call): { readonly rate: bigint; readonly index: bigint } {
  const { index, accruedAt, totalScaled } = call.state.credit;
  const { rates } = call.terms.credit;
  const total = totalAt(totalScaled, index);
  if (total === 0n && totalScaled === 0n) return { rate: rates.baseRate, index };
  const used = total === 0n ? 0n : up(new Rational(total, total + lendersCash(call)));
  const isBelow = used <= rates.kinkUtilization;
  const rate = isBelow
    ? rates.baseRate + between(rates.kinkRate - rates.baseRate, used, rates.kinkUtilization)
    : rates.kinkRate +
      between(
        rates.maxRate - rates.kinkRate,
        used - rates.kinkUtilization,
        ONE - rates.kinkUtilization,
      );
  const part = exact(rate).times(new Rational(call.now - accruedAt, YEAR));
  return { rate, index: index + whole(index).times(part).ceiling() };
}

/** So much of a slope, up. */
function between(slope: bigint, part: bigint, length: bigint): bigint {
  return up(exact(slope).times(new Rational(part, length)));
}

/** What all owe, down. */
function totalAt(totalScaled: bigint, index: bigint): bigint {
  return whole(totalScaled).times(new Rational(index, INDEX)).floor();
}

/** What all owe now, what was written off aside. */
export function totalDebt(call: Call): bigint {
  return totalAt(call.state.credit.totalScaled, interestAt(call).index);
}

/** What an amount at index 1 has become, up. */
function grown(scaled: bigint, index: bigint): bigint {
  return whole(scaled).times(new Rational(index, INDEX)).ceiling();
}

/** What an account owes the lenders, what was written off included. */
export function owedOf(call: Call, name: AccountName): bigint {
  const { scaled, writtenOff } = debtIn(call, name);
  return grown(scaled, interestAt(call).index) + writtenOff;
}

/** See ICreditVault.debtOf. */
export function debtOf(call: Call, name: AccountName): bigint {
  return owedOf(call, name) + debtIn(call, name).deficit;
}

/** Brings the index up to now. */
export function accrue(call: Call): void {
  const { credit } = call.state;
  if (credit.accruedAt === call.now) return;
  const { rate, index } = interestAt(call);
  credit.accruedAt = call.now;
  if (index === credit.index) return;
  credit.index = index;
  log(call, "InterestAccrued", index, rate, totalAt(credit.totalScaled, index));
}

function tell(call: Call, name: AccountName, delta: bigint): void {
  const { index, totalScaled } = call.state.credit;
  const { scaled } = debtIn(call, name);
  log(call, "DebtChanged", name, delta, grown(scaled, index), totalAt(totalScaled, index));
}

/** Adds to a debt; the index is up to date. */
export function lend(call: Call, name: AccountName, amount: bigint): void {
  const { credit } = call.state;
  const scaled = whole(amount).times(new Rational(INDEX, credit.index)).ceiling();
  change(call, name, { scaled: debtIn(call, name).scaled + scaled });
  credit.totalScaled += scaled;
  tell(call, name, amount);
}

/** Takes from a debt at most so much: first what bears interest, then what was written off. Returns what it took. */
export function repayDebt(call: Call, name: AccountName, most: bigint): bigint {
  const { credit } = call.state;
  const { scaled, writtenOff } = debtIn(call, name);
  const live = grown(scaled, credit.index);
  const toLive = lesser(most, live);
  const toWritten = lesser(most - toLive, writtenOff);
  if (toLive !== 0n) {
    const part = whole(toLive).times(new Rational(INDEX, credit.index)).floor();
    const cleared = toLive === live ? scaled : part;
    change(call, name, { scaled: scaled - cleared });
    credit.totalScaled -= cleared;
    tell(call, name, -toLive);
  }
  if (toWritten !== 0n) {
    change(call, name, { writtenOff: writtenOff - toWritten });
    log(call, "WrittenOffRepaid", name, toWritten, writtenOff - toWritten);
  }
  return toLive + toWritten;
}

/** Takes a debt out of what lenders count on: it is still owed, without interest. */
export function writeOffDebt(call: Call, name: AccountName): void {
  const { credit } = call.state;
  const { scaled, writtenOff } = debtIn(call, name);
  const amount = grown(scaled, credit.index);
  change(call, name, { scaled: 0n, writtenOff: writtenOff + amount });
  credit.totalScaled -= scaled;
  const total = totalAt(credit.totalScaled, credit.index);
  log(call, "DebtWrittenOff", name, amount, writtenOff + amount, total);
}

/** Losses that others had to meet. */
export function bear(call: Call, name: AccountName, amount: bigint): void {
  const deficit = debtIn(call, name).deficit + amount;
  change(call, name, { deficit });
  log(call, "DeficitOwed", name, amount, deficit);
}

/** Takes from them at most so much. */
export function makeGood(call: Call, name: AccountName, most: bigint): bigint {
  const { deficit } = debtIn(call, name);
  const paid = lesser(most, deficit);
  if (paid === 0n) return 0n;
  change(call, name, { deficit: deficit - paid });
  log(call, "DeficitRepaid", name, paid, deficit - paid);
  return paid;
}
