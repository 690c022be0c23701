import { ACTORS } from "./action.ts";
import { type Call, log, Refusal } from "./call.ts";
import type { AccountName, Caller, Delegate } from "./state.ts";
import { isSystemAccount } from "./terms.ts";

const VENUES: readonly Delegate[] = ["venue", "orders", "signed"];

export const TRADE = 1n;
export const WITHDRAW = 2n;

/** Whether a caller has any of these powers over an account: its owner has all, a delegate those given. */
export function hasPower({ state }: Call, name: AccountName, caller: Delegate, powers: bigint) {
  if (caller === "owner" && ACTORS.includes(name)) return true;
  return ((state.powers.get(name)?.get(caller) ?? 0n) & powers) !== 0n;
}

export function requirePower(call: Call, name: AccountName, caller: Caller, power: bigint): void {
  if (!hasPower(call, name, caller, power)) throw new Refusal("NotAuthorized", name, caller, power);
}

/** Trading is for listed venues to which the account has given that power; its owner is none. */
export function requireVenueOf({ state }: Call, name: AccountName, caller: Delegate): void {
  if (!VENUES.includes(caller)) throw new Refusal("CallerNotVenue", caller);
  if (((state.powers.get(name)?.get(caller) ?? 0n) & TRADE) !== 0n) return;
  throw new Refusal("NotAuthorized", name, caller, TRADE);
}

/** Whoever may trade for an account at a venue: its owner, or one who has that power. */
export function requireTrader(call: Call, name: AccountName, caller: Caller): void {
  if (!hasPower(call, name, caller, TRADE)) throw new Refusal("NotAuthorized", name, caller, TRADE);
}

export function requireUserAccount(name: AccountName): void {
  if (isSystemAccount(name)) throw new Refusal("SystemAccount", name);
}

/** See IClearingHouse.setDelegate. */
export function setDelegate(
  call: Call,
  {
    account,
    delegate,
    powers,
    caller,
  }: {
    readonly account: AccountName;
    readonly delegate: Delegate;
    readonly powers: bigint;
    readonly caller: Caller;
  },
): void {
  if (caller !== "owner" || !ACTORS.includes(account)) {
    throw new Refusal("NotAuthorized", account, caller, powers);
  }
  if (powers > (TRADE | WITHDRAW)) throw new Refusal("PowersUnknown", powers);
  const given = new Map(call.state.powers.get(account) ?? []);
  given.set(delegate, powers);
  call.state.powers.set(account, given);
  log(call, "DelegateSet", account, delegate, powers);
}
