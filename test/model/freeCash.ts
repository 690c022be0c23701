import { accountOf, type Call, log, marginCash, marketsOf, Refusal } from "./call.ts";
import { drawToMargin } from "./creditLine.ts";
import { clearMark } from "./distress.ts";
import { foreseen } from "./marketEvents.ts";
import type { Freshness } from "./oracle.ts";
import { greater, lesser, positive } from "./rational.ts";
import { assess, type Kind } from "./risk.ts";
import type { AccountName } from "./state.ts";
import { MAX_EVENTS_PER_TOUCH } from "./terms.ts";
import { open, type Work, worth } from "./work.ts";

/** See IClearingHouse.deposit. */
export function deposit(
  call: Call,
  name: AccountName,
  amount: bigint,
  payer: AccountName = "venue",
): void {
  const account = accountOf(call, name);
  if (amount === 0n) throw new Refusal("AmountZero", name);
  account.cash += amount;
  account.version += 1n;
  log(call, "Deposited", name, payer, amount, account.cash, account.version);
}

/** See IClearingHouse.withdraw. */
export function withdraw(
  call: Call,
  name: AccountName,
  amount: bigint,
  to: AccountName = "venue",
): void {
  const account = accountOf(call, name);
  if (amount === 0n) throw new Refusal("AmountZero", name);
  const work = needsPrices(call, name) ? open(call, name, [], "SameBlock") : null;
  const free = work === null ? marginCash(account) : gathered(call, work);
  if (amount > free) throw new Refusal("FreeCashTooLow", name, free, amount);
  account.cash -= amount;
  account.version += 1n;
  if (work !== null) drawToMargin(call, work);
  clearMark(call, name);
  log(call, "Withdrawn", name, to, amount, account.cash, account.version);
}

/** All cash but the deposit of an account without sizes and debts, which needs no price; else min(c after losses and held, E − IM). */
export function freeCashOf(
  call: Call,
  name: AccountName,
  freshness: Freshness = "SameBlock",
  look: (work: Work) => void = () => undefined,
): bigint {
  if (!needsPrices(call, name)) return marginCash(accountOf(call, name));
  const work = open(call, name, [], freshness);
  look(work);
  return gathered(call, work);
}

/** Whether it has a size or a debt anywhere. */
export function needsPrices(call: Call, name: AccountName): boolean {
  return marketsOf(accountOf(call, name)).some((id) => {
    const { size, quote } = foreseen(call, name, id, MAX_EVENTS_PER_TOUCH);
    return size !== 0n || quote < 0n;
  });
}

/** With what of a credit line counts. */
export function gathered(call: Call, work: Work, line: Kind | null = "Initial"): bigint {
  const committed = work.holdings.reduce(
    (sum, holding) => sum + greater(positive(-worth(holding)), holding.position.held),
    0n,
  );
  const cash = marginCash(work.account) - committed;
  if (cash <= 0n) return 0n;
  const { equity, required } = assess(call, work, "Initial", line);
  return lesser(cash, positive(equity - required));
}
