import { emptyAccount } from "./emptyAccount.ts";
import type {
  Account,
  AccountName,
  HouseState,
  Market,
  MarketId,
  Position,
  PriceMemory,
  PriceStatus,
} from "./state.ts";
import type { FeedTerms, HouseTerms, Terms } from "./terms.ts";

/** One market's price in one action. */
export interface Price {
  readonly price: bigint;
  readonly status: PriceStatus;
  readonly bucket: bigint;
}

export type LogValue = bigint | string;

/** An event of the house, or what an error says. */
export interface Log {
  readonly name: string;
  readonly args: readonly LogValue[];
}

/** An action was refused: the error that the house reverts with. */
export class Refusal extends Error {
  readonly log: Log;

  constructor(name: string, ...args: readonly LogValue[]) {
    super(`${name}(${args.join(", ")})`);
    this.name = "Refusal";
    this.log = { name, args };
  }
}

/** One action under way. */
export interface Call {
  readonly state: HouseState;
  readonly terms: HouseTerms;
  /** {s} */
  readonly now: bigint;
  readonly logs: Log[];
  /** Prices that were asked for in this action, and whether of the feed itself: they do not change in its course. */
  readonly priced: Map<MarketId, { readonly price: Price; readonly isOfFeed: boolean }>;
}

export function log(call: Call, name: string, ...args: readonly LogValue[]): void {
  call.logs.push({ name, args });
}

export function accountOf({ state }: Call, name: AccountName): Account {
  const known = state.accounts.get(name);
  if (known !== undefined) return known;
  const account = emptyAccount();
  state.accounts.set(name, account);
  return account;
}

export function positionOf(call: Call, name: AccountName, market: MarketId): Position {
  const { positions } = accountOf(call, name);
  const known = positions.get(market);
  if (known !== undefined) return known;
  const position: Position = {
    size: 0n,
    quote: 0n,
    seen: 0n,
    fills: new Map(),
    charges: [],
    held: 0n,
  };
  positions.set(market, position);
  return position;
}

export function marketOf({ state }: Call, id: MarketId): Market {
  return found(state.markets.get(id), `market ${id}`);
}

export function priceMemoryOf({ state }: Call, id: MarketId): PriceMemory {
  return found(state.prices.get(id), `price of market ${id}`);
}

export function termsOf({ terms }: Call, id: MarketId): Terms {
  return found(terms.markets.get(id), `terms of market ${id}`);
}

/** Of a market or a collateral. */
export function feedTermsOf({ terms }: Call, id: MarketId): FeedTerms {
  const collateral = [...terms.credit.assets.values()].find((each) => each.priceMarket === id);
  return found(terms.markets.get(id)?.feed ?? collateral?.feed, `feed of ${id}`);
}

export function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new RangeError(`The model knows no ${what}`);
  return value;
}

/** The account's markets, ascending. */
export function marketsOf(account: Account): MarketId[] {
  return [...account.markets].sort((a, b) => Number(a - b));
}

/** Cash that counts as margin: all but the deposit. */
export function marginCash({ cash, deposit }: Account): bigint {
  return cash - deposit;
}

/** Cash held for markets without a valid price. */
export function heldOf(account: Account): bigint {
  return marketsOf(account).reduce(
    (sum, market) => sum + (account.positions.get(market)?.held ?? 0n),
    0n,
  );
}

/** What an order can be paid from. */
export function available(account: Account): bigint {
  return marginCash(account) - heldOf(account);
}

/** Adds cash to an account that is not the one acting. */
export function credit(call: Call, name: AccountName, amount: bigint): void {
  if (amount === 0n) return;
  const account = accountOf(call, name);
  account.cash += amount;
  account.version += 1n;
}
