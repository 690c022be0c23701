import { type Book, openBook, saveBook, unsettledOf } from "./book.ts";
import { accountOf, type Call, found, log, marketsOf, positionOf } from "./call.ts";
import { applyEvents, requireCurrent } from "./marketEvents.ts";
import { type Freshness, observe, type Price } from "./oracle.ts";
import { changeOwn, dropMarket } from "./positions.ts";
import type { Account, AccountName, MarketId, Position } from "./state.ts";
import { MAX_EVENTS_PER_TOUCH } from "./terms.ts";

/** What an account has in one market. */
export interface Holding {
  readonly book: Book;
  readonly position: Position;
}

/** An account that an action works on, over its own markets and those it acts in, ascending. */
export interface Work {
  readonly name: AccountName;
  readonly account: Account;
  readonly holdings: readonly Holding[];
}

/** Observes prices, applies waiting events; undefined where more wait than one touch applies. */
export function tryOpen(
  call: Call,
  name: AccountName,
  more: readonly MarketId[],
  freshness: Freshness,
): Work | undefined {
  const ids = union(marketsOf(accountOf(call, name)), more);
  const prices = new Map(ids.map((id) => [id, observe(call, id, freshness)]));
  for (const id of ids) {
    const { bucket } = found(prices.get(id), "price");
    if (applyEvents(call, name, id, bucket, MAX_EVENTS_PER_TOUCH) !== 0n) return undefined;
  }
  return gather(call, name, ids, prices);
}

/** The same, refused where more events wait. */
export function open(
  call: Call,
  name: AccountName,
  more: readonly MarketId[],
  freshness: Freshness,
): Work {
  const ids = union(marketsOf(accountOf(call, name)), more);
  const prices = new Map(ids.map((id) => [id, observe(call, id, freshness)]));
  for (const id of ids) requireCurrent(call, name, id, found(prices.get(id), "price").bucket);
  return gather(call, name, ids, prices);
}

export function union(one: readonly MarketId[], other: readonly MarketId[]): MarketId[] {
  return [...new Set([...one, ...other])].sort((a, b) => Number(a - b));
}

export function gather(
  call: Call,
  name: AccountName,
  ids: readonly MarketId[],
  prices: ReadonlyMap<MarketId, Price>,
  books: Map<MarketId, Book> = new Map(),
): Work {
  const holdings = ids.map((id) => {
    const book = books.get(id) ?? openBook(call, id, found(prices.get(id), "price"));
    books.set(id, book);
    return { book, position: positionOf(call, name, id) };
  });
  return { name, account: accountOf(call, name), holdings };
}

export function holdingOf({ holdings }: Work, id: MarketId): Holding {
  return found(
    holdings.find(({ book }) => book.id === id),
    `holding in market ${id}`,
  );
}

/** U of a holding. */
export function worth({ book, position }: Holding): bigint {
  return unsettledOf(book, position);
}

/** Changes the account's position in one market, which is then worked at. */
export function alter(
  call: Call,
  { name }: Work,
  { book }: Holding,
  sizeDelta: bigint,
  quoteDelta: bigint,
): void {
  changeOwn(call, name, book, sizeDelta, quoteDelta);
  saveBook(call, book);
}

/** Moves between quote leg and cash: positive pays a gain out of the reserve, negative pulls a loss into it. */
export function move(call: Call, work: Work, holding: Holding, amount: bigint): void {
  const { account, name } = work;
  const { book, position } = holding;
  alter(call, work, holding, 0n, -amount);
  book.market.reserve -= amount;
  account.cash += amount;
  account.version += 1n;
  log(
    call,
    "Settled",
    name,
    book.id,
    amount,
    position.size,
    position.quote,
    account.cash,
    account.version,
  );
}

/** An event may have emptied a position without anything being left to settle. */
export function dropEmpty(call: Call, { name, holdings }: Work): void {
  for (const { book, position } of holdings) {
    if (position.size === 0n && position.quote === 0n) dropMarket(call, name, book.id);
  }
}
