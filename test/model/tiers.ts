import type { Book } from "./book.ts";
import { accountOf, type Call, credit, found, log, marginCash, marketOf, Refusal } from "./call.ts";
import { gathered } from "./freeCash.ts";
import { applyEvents } from "./marketEvents.ts";
import { observe } from "./oracle.ts";
import { creditClaim, pendingEvents } from "./positions.ts";
import { down, exact, lesser, ONE, positive } from "./rational.ts";
import type { AccountName, MarketId } from "./state.ts";
import {
  BACKSTOP,
  type CapTerms,
  FUND,
  MAX_EVENTS_PER_TOUCH,
  PROTOCOL,
  systemAccountOf,
  TIERS,
  type Tier,
} from "./terms.ts";
import { copied } from "./views.ts";
import { open } from "./work.ts";

const DAY = 86_400n;

/** Those with caps, in the order in which they pay. */
const CAPPED = ["fund", "protocol", "backstop"] as const;
type Capped = (typeof CAPPED)[number];

export function tierAccountOf(id: MarketId, tier: Tier): AccountName {
  const accounts = { fund: FUND, protocol: PROTOCOL, backstop: BACKSTOP };
  return tier === "tranche" ? systemAccountOf(id, "tranche") : accounts[tier];
}

/** Takes from the buffers what they pay towards a deficit; an account that the action works on pays nothing. */
export function payByTiers(call: Call, id: MarketId, deficit: bigint, except: AccountName): bigint {
  const market = marketOf(call, id);
  const tranche = accountOf(call, tierAccountOf(id, "tranche"));
  let paid = pay(call, id, "tranche", lesser(deficit, tranche.cash));
  market.retained = lesser(market.retained, tranche.cash);
  const rest = deficit - paid;
  if (rest === 0n) return paid;
  const cash = new Map(CAPPED.map((tier) => [tier, cashOf(call, tier, except)]));
  const { coinsurance } = termsOf(call, id).insurance;
  let left = down(exact(rest).times(exact(ONE - coinsurance)));
  for (const tier of CAPPED) {
    const amount = lesser(left, mostOf(call, id, tier, cash.get(tier) ?? 0n));
    if (amount === 0n) continue;
    left -= amount;
    count(call, id, tier, amount);
    paid += pay(call, id, tier, amount);
    market.owedBack[tier] += amount;
  }
  return paid;
}

function termsOf({ terms }: Call, id: MarketId) {
  return found(terms.markets.get(id), `terms of market ${id}`);
}

function pay(call: Call, id: MarketId, tier: Tier, amount: bigint): bigint {
  if (amount === 0n) return 0n;
  const name = tierAccountOf(id, tier);
  const account = accountOf(call, name);
  const before = account.cash;
  account.cash -= amount;
  account.version += 1n;
  log(call, "TierPaid", id, BigInt(TIERS.indexOf(tier)), name, amount, before, account.cash);
  return amount;
}

/** Cash of a tier below the tranche; of the backstop what is free without a line, nothing while one of its prices is not valid or too many events wait for it. */
function cashOf(call: Call, tier: Capped, except: AccountName): bigint {
  const name = tierAccountOf(0n, tier);
  if (name === except) return 0n;
  const account = accountOf(call, name);
  if (tier !== "backstop") return account.cash;
  const ids = [...account.markets];
  for (const id of ids) observe(call, id, "SameBlock");
  if (ids.length === 0) return marginCash(account);
  if (ids.some((id) => pendingEvents(call, name, id) > MAX_EVENTS_PER_TOUCH)) return 0n;
  const copy = copied(call);
  const work = open(copy, name, [], "SameBlock");
  const needsPrices = work.holdings.some(
    ({ position }) => position.size !== 0n || position.quote < 0n,
  );
  if (!needsPrices) return marginCash(account);
  if (work.holdings.some(({ book }) => book.status !== "Valid")) return 0n;
  for (const { book } of work.holdings) {
    book.market.uncollectedLoss = marketOf(call, book.id).uncollectedLoss;
  }
  return gathered(copy, work);
}

/** What cash and caps allow, each down. */
function mostOf(call: Call, id: MarketId, tier: Capped, cash: bigint): bigint {
  const { eventCap, epochCap }: CapTerms =
    tier === "fund" ? termsOf(call, id).insurance : termsOf(call, id).tiers[tier];
  const epoch = found(call.state.epochs.get(tier), `epoch of ${tier}`);
  const isSame = epoch.number === call.now / DAY;
  const paid = isSame ? epoch.paid : 0n;
  const paidHere = isSame ? (epoch.paidByMarket.get(id) ?? 0n) : 0n;
  const cashOfEpoch = exact(cash + paid);
  return [
    cash,
    down(exact(cash).times(exact(eventCap))),
    positive(down(cashOfEpoch.times(exact(epochCap))) - paidHere),
    positive(down(cashOfEpoch.times(exact(call.terms.houseEpochCaps[tier]))) - paid),
  ].reduce(lesser);
}

function count(call: Call, id: MarketId, tier: Capped, amount: bigint): void {
  const epoch = found(call.state.epochs.get(tier), `epoch of ${tier}`);
  const number = call.now / DAY;
  const isSame = epoch.number === number;
  const paidByMarket = new Map(isSame ? epoch.paidByMarket : []);
  paidByMarket.set(id, (paidByMarket.get(id) ?? 0n) + amount);
  const paid = (isSame ? epoch.paid : 0n) + amount;
  call.state.epochs.set(tier, { number, paid, paidByMarket });
}

/** What is left of a profit goes back to the tiers that paid, the last first, and to the tranche, as claims. */
export function repayTiers(call: Call, book: Book, amount: bigint): void {
  if (amount === 0n) return;
  const { owedBack } = book.market;
  const parts = new Map<Tier, bigint>();
  let left = amount;
  for (const tier of CAPPED.toReversed()) {
    let part = lesser(owedBack[tier], left);
    if (tier === "backstop" && part !== 0n) {
      // A claim is added to a position that has seen every event.
      const waiting = applyEvents(call, BACKSTOP, book.id, book.bucket, MAX_EVENTS_PER_TOUCH);
      if (waiting !== 0n) part = 0n;
    }
    parts.set(tier, part);
    owedBack[tier] -= part;
    left -= part;
  }
  parts.set("tranche", left);
  for (const [i, tier] of TIERS.entries()) {
    const part = parts.get(tier) ?? 0n;
    if (part === 0n) continue;
    const name = tierAccountOf(book.id, tier);
    creditClaim(call, name, book, part);
    log(call, "TierRepaid", book.id, BigInt(i), name, part);
  }
}

/** See IClearingHouse.distribute. */
export function distribute(call: Call, id: MarketId): void {
  const market = marketOf(call, id);
  if (market.pendingLoss !== 0n) throw new Refusal("DeficitsPending", id, market.pendingLoss);
  const tranche = accountOf(call, tierAccountOf(id, "tranche"));
  const inflow = exact(positive(tranche.cash - market.retained));
  const { split } = termsOf(call, id);
  const toFund = down(inflow.times(exact(split.fund)));
  const toProtocol = down(inflow.times(exact(split.protocol)));
  if (toFund + toProtocol === 0n) {
    throw new Refusal("NothingToDistribute", id, tranche.cash, market.retained);
  }
  tranche.cash -= toFund + toProtocol;
  tranche.version += 1n;
  market.retained = tranche.cash;
  credit(call, FUND, toFund);
  credit(call, PROTOCOL, toProtocol);
  log(call, "Distributed", id, toFund, toProtocol, tranche.cash);
}
