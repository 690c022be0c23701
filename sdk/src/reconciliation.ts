import { encodeBytes32String } from "ethers";
import { clearingHouseAbi } from "./abis/ClearingHouse.ts";
import { type AccountId, accountIdOf } from "./accountId.ts";
import { type Caller, type CallOptions, typedContract } from "./typedContract.ts";

/** What is compared below; the view returns further terms. D18 */
export interface HouseBooks {
  readonly tokensUsd: bigint;
  readonly ledgerUsd: bigint;
  readonly reservesUsd: bigint;
  readonly cashUsd: bigint;
  readonly donatedUsd: bigint;
}

export interface MarketBooks {
  readonly poolQuote: bigint;
  readonly longOpenInterest: bigint;
  readonly shortOpenInterest: bigint;
  readonly reserveUsd: bigint;
  readonly uncollectedLossUsd: bigint;
  readonly surplusUsd: bigint;
  readonly sizeDifference: bigint;
  readonly pendingDifferenceUsd: bigint;
}

/** A number that should be 0 and is not. */
export interface Imbalance {
  /** Null: of the house. */
  readonly market: number | null;
  readonly term: "tokens" | "cash" | "sizes" | "pending" | "quotes";
  /** D18 */
  readonly difference: bigint;
}

/** D18{base} Truncated tear-ups leave units of 1e-18 in the tear-up account, at most one for each position torn. */
const TRUNCATION = 10n ** 6n;

/** What does not add up in the terms that the house keeps; empty while the books balance. */
export function imbalancesOf(
  house: HouseBooks,
  markets: ReadonlyMap<number, MarketBooks>,
): readonly Imbalance[] {
  const found: Imbalance[] = [];
  // Tokens that were sent here without being paid in are nobody's; missing ones are everybody's.
  if (house.donatedUsd < 0n)
    found.push({ market: null, term: "tokens", difference: house.donatedUsd });
  if (house.cashUsd < 0n) found.push({ market: null, term: "cash", difference: house.cashUsd });
  for (const [market, books] of markets) {
    const { sizeDifference, pendingDifferenceUsd } = books;
    if (sizeDifference > TRUNCATION || sizeDifference < -TRUNCATION)
      found.push({ market, term: "sizes", difference: sizeDifference });
    if (pendingDifferenceUsd !== 0n)
      found.push({ market, term: "pending", difference: pendingDifferenceUsd });
  }
  return found;
}

export interface ReconciliationSource {
  readonly house: string;
  readonly caller: Caller;
}

/** The books of the house and of some markets. */
export async function readBooks(
  { house, caller }: ReconciliationSource,
  markets: Iterable<number>,
  options: CallOptions = {},
) {
  const contract = typedContract(clearingHouseAbi, house, caller);
  const [houseBooks, entries] = await Promise.all([
    contract.call("reconciliation", [], options),
    Promise.all(
      [...new Set(markets)].map(async (market) => ({
        market,
        books: await contract.call("reconciliationOf", [BigInt(market)], options),
      })),
    ),
  ]);
  return {
    house: houseBooks,
    markets: new Map(entries.map(({ market, books }) => [market, books])),
  };
}

/** Kinds of the house's own accounts in a market. */
const SYSTEM_KINDS = [0n, 1n, 2n, 3n];

/**
 * Adds up all accounts: Σ cash = ledger − ΣB, and in each market Σ size = 0 and Σ quote = B + L − S, exactly. `accounts` are all that ever had cash or a position; the house's own are added. What it
 * costs grows with the accounts, so it is for now and then, at one block.
 */
export async function reconcileAccounts(
  { house, caller }: ReconciliationSource,
  accounts: Iterable<AccountId>,
  options: CallOptions & { readonly pageSize?: number } = {},
): Promise<readonly Imbalance[]> {
  const { pageSize = 50, ...call } = options;
  const contract = typedContract(clearingHouseAbi, house, caller);
  const listed = await contract.call("listedMarkets", [], call);
  const markets = numbersOf(listed);
  const books = await readBooks({ house, caller }, markets, call);
  const all = new Set<AccountId>(accounts);
  for (const name of MODULES_WITH_ACCOUNTS) {
    const address = await contract.call("moduleOf", [name], call);
    if (BigInt(address) !== 0n) all.add(accountIdOf(address));
  }
  for (const market of markets) {
    const { pool } = await contract.call("termsOf", [BigInt(market)], call);
    all.add(pool);
    for (const kind of SYSTEM_KINDS) {
      all.add(await contract.call("systemAccountOf", [BigInt(market), kind], call));
    }
  }

  const sums = { cash: 0n, sizes: new Map<number, bigint>(), quotes: new Map<number, bigint>() };
  const list = [...all];
  for (let first = 0; first < list.length; first += pageSize) {
    const page = list.slice(first, first + pageSize);
    await Promise.all(
      page.map(async (account) => {
        const state = await contract.call("accountOf", [account], call);
        sums.cash += state.cashUsd;
        // The house's own accounts are in no account's set of markets before they have had something there.
        const own = account >> 96n === BigInt(house) ? listed : state.markets;
        for (const market of numbersOf(own)) {
          const position = await contract.call("positionOf", [account, BigInt(market)], call);
          add(sums.sizes, market, position.storedSize);
          add(sums.quotes, market, position.storedQuote);
        }
      }),
    );
  }

  const found: Imbalance[] = [...imbalancesOf(books.house, books.markets)];
  const cash = sums.cash - books.house.cashUsd;
  if (cash !== 0n) found.push({ market: null, term: "cash", difference: cash });
  for (const [market, terms] of books.markets) {
    const sizes = sums.sizes.get(market) ?? 0n;
    if (sizes !== 0n) found.push({ market, term: "sizes", difference: sizes });
    const { reserveUsd, uncollectedLossUsd, surplusUsd } = terms;
    const quotes = (sums.quotes.get(market) ?? 0n) - (reserveUsd + uncollectedLossUsd - surplusUsd);
    if (quotes !== 0n) found.push({ market, term: "quotes", difference: quotes });
  }
  return found;
}

/** Modules that have an account of the house. */
const MODULES_WITH_ACCOUNTS = ["insurance", "protocol", "credit", "backstop"].map(
  encodeBytes32String,
);

function numbersOf(set: bigint): number[] {
  const numbers: number[] = [];
  for (let number = 0; set >> BigInt(number) !== 0n; ++number) {
    if ((set >> BigInt(number)) & 1n) numbers.push(number);
  }
  return numbers;
}

function add(sums: Map<number, bigint>, market: number, amount: bigint): void {
  sums.set(market, (sums.get(market) ?? 0n) + amount);
}
