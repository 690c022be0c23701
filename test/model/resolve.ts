import { type Book, unsettledOf } from "./book.ts";
import { type Call, credit, log, marginCash, positionOf, Refusal } from "./call.ts";
import { renewCoverage } from "./coverage.ts";
import { bearDeficit } from "./creditLine.ts";
import { clearMark } from "./distress.ts";
import {
  applyEvents,
  claimRefunds,
  eventOf,
  graceOf,
  overchargeOf,
  setPending,
  tryBook,
} from "./marketEvents.ts";
import { change, creditClaim, lastEventOf, recordFill } from "./positions.ts";
import { restartStanding } from "./premium.ts";
import { exact, greater, lesser, positive, size, up } from "./rational.ts";
import { assess } from "./risk.ts";
import { payGain, pullLosses, settleOne } from "./settlement.ts";
import type { AccountName } from "./state.ts";
import {
  isSystemAccount,
  MAX_EVENTS_PER_TOUCH,
  MAX_REFUNDS_PER_LIQUIDATION,
  MIN_BOOKED_LOSS,
  systemAccountOf,
} from "./terms.ts";
import { payByTiers, repayTiers } from "./tiers.ts";
import { alter, type Holding, open, type Work, worth } from "./work.ts";

/** See IClearingHouse.resolve. */
export function resolve(
  call: Call,
  name: AccountName,
  losers: readonly AccountName[],
  keeper: AccountName,
): void {
  if (isSystemAccount(name)) throw new Refusal("SystemAccount", name);
  for (const loser of losers) {
    if (loser !== name) settleOne(call, loser, "Standing", "kept");
  }
  const work = open(call, name, [], "SameBlock");
  const { account, holdings } = work;
  if (account.hasCharges) {
    for (const { book } of holdings) {
      claimRefunds(call, name, book.id, MAX_REFUNDS_PER_LIQUIDATION);
    }
  }
  requireBankrupt(call, work);
  const reward = account.deposit;
  for (const holding of holdings) payGain(call, work, holding);
  pullLosses(call, work, "All");
  const heir = heirOf(holdings);
  const left = holdings
    .filter(({ book }) => book.status === "Valid")
    .map((holding) => empty(call, work, holding, heir));
  const deficits = left.reduce((sum, each) => sum + positive(-each), 0n);
  account.deposit = 0n;
  account.cash -= reward;
  account.version += 1n;
  restartStanding(call, account);
  clearMark(call, name);
  credit(call, keeper, reward);
  log(call, "Resolved", name, keeper, deficits, reward, account.cash, account.version);
  const owed = -left.reduce((sum, each) => sum + each, 0n);
  if (owed > 0n) bearDeficit(call, name, owed);
  for (const { book } of holdings) {
    if (book.market.pendingLoss !== 0n) tryBook(call, book);
  }
}

/** E < 0, recent charges counted back, by the judge and by the ledger's own sum. Of a line only what can be drawn now carries. */
function requireBankrupt(call: Call, work: Work): void {
  const { account, holdings, name } = work;
  const judged = assess(call, work, "Maintenance", "Initial").equity + graceOf(call, name);
  const own = holdings.reduce((sum, holding) => sum + worth(holding), marginCash(account));
  const equity = greater(judged, own);
  if (equity >= 0n) throw new Refusal("AccountNotBankrupt", name, equity);
  for (const { book, position } of holdings) {
    if (book.market.mode === "Halted" && position.size !== 0n) {
      throw new Refusal("MarketNotOpen", book.id, "Halted");
    }
  }
  const [first] = holdings;
  if (first !== undefined && holdings.every(({ book }) => book.status !== "Valid")) {
    throw new Refusal("PriceNotValid", first.book.id, first.book.status);
  }
}

/** The tranche of the market with the largest deficit gets the claims that are left in others. */
function heirOf(holdings: readonly Holding[]): AccountName {
  let worst: Holding | undefined;
  for (const holding of holdings) {
    if (holding.book.status !== "Valid" || worth(holding) >= 0n) continue;
    if (worst === undefined || worth(holding) < worth(worst)) worst = holding;
  }
  const { book } = worst ?? holdings[0] ?? {};
  if (book === undefined) throw new RangeError("an account without a market is not bankrupt");
  return systemAccountOf(book.id, "tranche");
}

/** Empties one market of a bankrupt account: the position to the resolution account at the index, a claim to the heir. Returns the claim, or below 0 the deficit. */
function empty(call: Call, work: Work, holding: Holding, heir: AccountName): bigint {
  const { book, position } = holding;
  const { size: held, quote } = position;
  // The resolution account is credited what it takes over at the index, up.
  const credited = held === 0n ? 0n : up(exact(-held).times(exact(book.x)));
  if (held !== 0n) {
    give(call, book, held, credited);
    const to = systemAccountOf(book.id, "resolution");
    log(call, "PositionMoved", work.name, book.id, to, held, credited);
  }
  alter(call, work, holding, -held, -quote);
  const left = quote - credited;
  if (left > 0n) bequeath(call, heir, book, left);
  if (left < 0n) cover(call, book, -left, work.name);
  return left;
}

/** The claim's heir has seen every event of the market first; where too many wait, the market's own tranche inherits. */
function bequeath(call: Call, heir: AccountName, book: Book, amount: bigint): void {
  const own = systemAccountOf(book.id, "tranche");
  const left = applyEvents(call, heir, book.id, book.bucket, MAX_EVENTS_PER_TOUCH);
  creditClaim(call, left === 0n ? heir : own, book, amount);
}

function give(call: Call, book: Book, sizeDelta: bigint, quote: bigint): void {
  const position = positionOf(call, systemAccountOf(book.id, "resolution"), book.id);
  const isGone = size(position.size) < book.terms.market.lotSize;
  // Longs and shorts that cancelled leave a result behind; until it is closed, the inventory that made it goes on.
  if (isGone && size(unsettledOf(book, position)) < MIN_BOOKED_LOSS) {
    book.market.inventoryAt = call.now;
    book.market.owedBack = { fund: 0n, protocol: 0n, backstop: 0n };
  }
  recordFill(position, book.bucket, sizeDelta, -quote);
  change(book.market, position, false, sizeDelta, quote);
  position.seen = lastEventOf(book.market);
}

/** A deficit that has left an account's quote leg: buffers pay into the reserve, the rest waits. An account that the action works on pays nothing. */
export function cover(call: Call, book: Book, deficit: bigint, except: AccountName): void {
  const paid = payByTiers(call, book.id, deficit, except);
  book.market.reserve += paid;
  setPending(call, book, book.market.pendingLoss + deficit - paid);
  renewCoverage(call, book);
  log(call, "DeficitCovered", book.id, deficit, paid, book.market.pendingLoss);
}

/** A profit of inventory meets deficits that wait, then repays the event that made it, then is a claim of the tiers that paid and of the tranche. */
export function recover(call: Call, book: Book, amount: bigint): void {
  const { market } = book;
  const toPending = lesser(amount, market.pendingLoss);
  if (toPending !== 0n) setPending(call, book, market.pendingLoss - toPending);
  const rest = amount - toPending;
  let toWinners = 0n;
  if (market.lastLoss !== 0n) {
    const event = eventOf(market, market.lastLoss);
    if (event.bookedAt >= market.inventoryAt) {
      toWinners = lesser(rest, event.loss);
      const before = overchargeOf(event);
      event.loss -= toWinners;
      market.refundsDue += overchargeOf(event) - before;
      const uncollected = lesser(toWinners, market.uncollectedLoss);
      market.uncollectedLoss -= uncollected;
      market.surplus += toWinners - uncollected;
    }
  }
  repayTiers(call, book, rest - toWinners);
  log(call, "Recovered", book.id, toPending, toWinners, rest - toWinners);
}
