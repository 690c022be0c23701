import { accountOf, type Call, log, marketsOf, Refusal } from "./call.ts";
import { deposit, withdraw } from "./freeCash.ts";
import { foreseen } from "./marketEvents.ts";
import { pendingEvents } from "./positions.ts";
import { down, exact, positive, Rational } from "./rational.ts";
import { burnCooled, mint, recoverable, requireCooled, requireNoLossInSight } from "./staking.ts";
import type { Holder } from "./state.ts";
import { PROTOCOL } from "./terms.ts";

const DEPLETION_FACTOR = 1_000n;
/** Shares, and units of value, that a vault always has more than it has: a millionth. */
const VIRTUAL = 10n ** 12n;
/** Booked per unit of the token. */
const NATIVE = 10n ** 12n;

/** Cash, and claims at their face. */
function equityOf(call: Call): bigint {
  const account = accountOf(call, PROTOCOL);
  return marketsOf(account).reduce((sum, id) => {
    const waiting = pendingEvents(call, PROTOCOL, id);
    return sum + positive(foreseen(call, PROTOCOL, id, waiting).quote);
  }, account.cash);
}

/** Deposits into the reserve; the caller is the receiver. */
export function fundReserve(call: Call, caller: Holder, native: bigint): void {
  const { reserve } = call.state;
  const { supply } = reserve;
  const equity = equityOf(call);
  const amount = native * NATIVE;
  const perUsd = new Rational(supply + VIRTUAL, equity + recoverable(call, "protocol") + VIRTUAL);
  const shares = supply === 0n ? amount : down(exact(amount).times(perUsd));
  const { reserveDepositor } = call.terms;
  if (caller !== reserveDepositor) {
    throw new Refusal("DepositorNotAllowed", caller, reserveDepositor);
  }
  if (equity * DEPLETION_FACTOR < supply) throw new Refusal("ReserveDepleted", equity, supply);
  if (native === 0n || shares === 0n) throw new Refusal("AmountTooSmall", native, shares);
  mint(call, reserve, caller, shares, equity);
  log(call, "Deposit", caller, caller, native, shares);
  deposit(call, PROTOCOL, amount, "somebody");
}

/** Redeems the caller's own shares for the caller: what its claims are worth stays. */
export function redeemReserve(call: Call, caller: Holder, shares: bigint): void {
  const { reserve } = call.state;
  const { cash } = accountOf(call, PROTOCOL);
  const perShare = new Rational(cash, reserve.supply + VIRTUAL);
  const native = down(exact(shares).times(perShare)) / NATIVE;
  requireNoLossInSight(call);
  requireCooled(call, reserve, caller, shares);
  if (native === 0n || shares === 0n) throw new Refusal("AmountTooSmall", native, shares);
  burnCooled(call, reserve, caller, shares);
  log(call, "Withdraw", caller, caller, caller, native, shares);
  withdraw(call, PROTOCOL, native * NATIVE, caller);
}
