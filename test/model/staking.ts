import { type Call, log, marketOf, Refusal } from "./call.ts";
import { lesser, ONE, positive } from "./rational.ts";
import type { Holder, MarketId, Staked } from "./state.ts";
import { systemAccountOf } from "./terms.ts";
import { copied } from "./views.ts";
import { open, worth } from "./work.ts";

/** Losses in sight up to which those who leave are paid. */
export const TOLERANCE = 100n * ONE;

/** See IStakedShares.requestCooldown. */
export function requestCooldown(call: Call, vault: Staked, caller: Holder, shares: bigint): void {
  const { cooldown, window } = call.terms.backstop;
  const balance = vault.balances.get(caller) ?? 0n;
  if (shares > balance) throw new Refusal("CooldownAboveBalance", caller, shares, balance);
  vault.cooldowns.set(caller, { shares, startedAt: call.now });
  const opensAt = call.now + cooldown;
  log(call, "CooldownRequested", caller, shares, opensAt, opensAt + window);
}

/** Whether shares have cooled, and their window is still open. */
export function requireCooled(call: Call, vault: Staked, owner: Holder, shares: bigint): void {
  const { cooldown: pause, window } = call.terms.backstop;
  const known = vault.cooldowns.get(owner);
  const cooled = known?.shares ?? 0n;
  if (shares > cooled) throw new Refusal("CooldownTooSmall", owner, shares, cooled);
  const opensAt = known === undefined || cooled === 0n ? 0n : known.startedAt + pause;
  if (call.now < opensAt) throw new Refusal("CooldownRunning", owner, opensAt, call.now);
  const closesAt = opensAt === 0n ? 0n : opensAt + window;
  if (call.now >= closesAt) throw new Refusal("CooldownExpired", owner, closesAt, call.now);
}

/** Takes shares that leave out of their cooldown and out of the vault. */
export function burnCooled(call: Call, vault: Staked, owner: Holder, shares: bigint): void {
  const cooldown = vault.cooldowns.get(owner) ?? { shares, startedAt: 0n };
  vault.cooldowns.set(owner, { ...cooldown, shares: cooldown.shares - shares });
  log(call, "CooldownReduced", owner, cooldown.shares - shares);
  vault.balances.set(owner, (vault.balances.get(owner) ?? 0n) - shares);
  vault.supply -= shares;
}

/** Shares for who enters; what a vault without shares owns is locked first. */
export function mint(
  call: Call,
  vault: Staked,
  owner: Holder,
  shares: bigint,
  equity: bigint,
): void {
  if (vault.supply === 0n && equity > 0n) {
    vault.supply += equity;
    log(call, "SharesLocked", equity);
  }
  vault.supply += shares;
  vault.balances.set(owner, (vault.balances.get(owner) ?? 0n) + shares);
}

/** Nobody leaves while losses are in sight. */
export function requireNoLossInSight(call: Call): void {
  const { shortfall, markets } = call.state;
  if (shortfall > TOLERANCE) throw new Refusal("ShortfallOpen", shortfall, TOLERANCE);
  for (const id of markets.keys()) {
    const lost = positive(-inventoryValueOf(call, id));
    if (lost > TOLERANCE) throw new Refusal("InventoryLossOpen", id, lost, TOLERANCE);
  }
}

/** What closing all inventory at the index would give back to a tier, at most what it paid for it. */
export function recoverable(call: Call, tier: "protocol" | "backstop"): bigint {
  return [...call.state.markets.keys()].reduce((sum, id) => {
    const owed = marketOf(call, id).owedBack[tier];
    return owed === 0n ? sum : sum + lesser(owed, positive(inventoryValueOf(call, id)));
  }, 0n);
}

/** U of a market's inventory at the index. */
function inventoryValueOf(call: Call, id: MarketId): bigint {
  const copy = copied(call);
  const [holding] = open(copy, systemAccountOf(id, "resolution"), [id], "Latest").holdings;
  return holding === undefined ? 0n : worth(holding);
}
