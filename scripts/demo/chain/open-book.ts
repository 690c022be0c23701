// Opens the book of accounts as its owners would: each pays in, lets the order venue trade, and commits its orders; the keeper
// executes them at the next price.

import { accountIdOf } from "../../../sdk/src/accountId.ts";
import { ONE } from "../../../sdk/src/amounts.ts";
import { magnitude } from "../../../sdk/src/math/fixedPoint.ts";
import { divideUp, greatest, least } from "../bigint.ts";
import { type AccountPlan, createBook, type ExposureUsd } from "../book.ts";
import { type OpeningOrder, openingOrders } from "../opening.ts";
import { MARKET_SLOTS, type MarketSlot } from "../prices/path.ts";
import { extendCredit, loanUsdOf } from "./credit.ts";
import { type Prices, publishPrices } from "./feeds.ts";
import { payIn } from "./funding.ts";
import type { House } from "./house.ts";
import type { DemoKeepers } from "./keepers.ts";
import type { LocalChain } from "./local-chain.ts";
import { NET_LIMIT_USD, OPEN_INTEREST_LIMIT_USD } from "./parameters.ts";
import { ROLES } from "./roles.ts";

/** An account of the book, on the chain. */
export interface BookAccount {
  readonly plan: AccountPlan;
  readonly id: bigint;
  readonly owner: string;
}

/** D18{USD} No order of the book is smaller: twice what the house accepts, so that half of it may stay open. */
const MIN_NOTIONAL_USD = 500n * ONE;
/** D18{USD} No part of an order is smaller: what the house accepts. */
const LEAST_PART_USD = 250n * ONE;
/** D18{USD} What one order pays the keeper. */
const KEEPER_FEE_USD = ONE / 2n;
/** D18{1} Of the notional, beside margin, impact and fee: funding and rounding until the first price moves. */
const SPARE = ONE / 1_000n;
/** Orders committed at once; each of them is executed before the next are. */
const ORDERS_PER_ROUND = 40;
/** {s} Between two blocks while the book is opened. */
const BLOCK_SECONDS = 12n;
/** {s} */
const ORDER_LIFETIME = 86_400n;
/** Blocks after which an order that is not executed never will be. */
const MAX_BLOCKS_PER_ROUND = 20;
const ORDER_GAS = 500_000n;

interface OpeningQuery {
  readonly chain: LocalChain;
  readonly house: House;
  readonly keepers: DemoKeepers;
  readonly prices: Prices;
  readonly accounts: readonly BookAccount[];
}

/** The accounts of a seed, sized for the markets as they were deployed. */
export function planBook(query: {
  chain: LocalChain;
  house: House;
  seed: number;
  accounts: number;
  prices: Prices;
}): BookAccount[] {
  const { chain, house, prices } = query;
  const capacity = (slot: MarketSlot) => ({
    price: prices[slot],
    sizeStep: house.markets[slot].terms.terms.lotSize,
    openInterestUsd: OPEN_INTEREST_LIMIT_USD,
    netUsd: NET_LIMIT_USD,
    restUsd: least([NET_LIMIT_USD, house.liquidity.netUsd]),
  });
  const plans = createBook({
    seed: query.seed,
    accounts: query.accounts,
    markets: { main: capacity("main"), second: capacity("second") },
    minNotionalUsd: MIN_NOTIONAL_USD,
    requiredCashUsd: (exposureUsd) => requiredCashUsd(house, exposureUsd),
  });
  return plans.map((plan) => {
    const owner = chain.account(ROLES.firstTrader + plan.accountNumber - 1);
    return { plan, owner, id: accountIdOf(owner) };
  });
}

/** Pays in for every account and opens its positions. */
export async function openBook(query: OpeningQuery): Promise<void> {
  const { chain, house, accounts } = query;
  const deposits = accounts.map((account) => ({
    account: account.id,
    amountUsd: account.plan.cashUsd - loanUsdOf(account),
  }));
  await payIn({ chain, house, deposits });
  await extendCredit(query);
  for (const { id, owner } of accounts) {
    const trade = 1n;
    await chain.send(
      owner,
      house.house.transaction("setDelegate", [id, house.orders.address, trade]),
    );
  }
  await chain.mine(chain.now + 1n);
  const owners = new Map(accounts.map((account) => [account.plan.accountNumber, account]));
  const orders = openingOrders({
    accounts: accounts.map(({ plan }) => plan),
    markets: { main: roomOf(query, "main"), second: roomOf(query, "second") },
    minNotionalUsd: LEAST_PART_USD,
  }).map((order): BookOrder => {
    const account = owners.get(order.accountNumber);
    if (account === undefined) throw new Error(`the book has no account ${order.accountNumber}`);
    return { ...order, account };
  });
  const held = new Holdings();
  for (let from = 0; from < orders.length; from += ORDERS_PER_ROUND) {
    await openRound({ ...query, orders: orders.slice(from, from + ORDERS_PER_ROUND), held });
  }
}

/** An order of the book with the account it is for. */
interface BookOrder extends OpeningOrder {
  readonly account: BookAccount;
}

/** What accounts are to hold after the orders given so far. D18{base} */
class Holdings {
  readonly #sizes = new Map<string, { account: BookAccount; market: MarketSlot; size: bigint }>();

  add({ account, market, sizeDelta }: BookOrder): void {
    const key = `${market} ${account.id}`;
    const size = (this.#sizes.get(key)?.size ?? 0n) + sizeDelta;
    this.#sizes.set(key, { account, market, size });
  }

  /** Of the accounts of some orders. */
  of(orders: readonly BookOrder[]) {
    const keys = new Set(orders.map(({ account, market }) => `${market} ${account.id}`));
    return [...this.#sizes].filter(([key]) => keys.has(key)).map(([, wanted]) => wanted);
  }
}

function roomOf({ house, prices }: OpeningQuery, slot: MarketSlot) {
  const { lotSize } = house.markets[slot].terms.terms;
  return { price: prices[slot], sizeStep: lotSize, netUsd: house.liquidity.netUsd };
}

/** D18{USD} Initial margin, the largest impact the book can have, fees, and the liquidation deposit. */
function requiredCashUsd(house: House, exposureUsd: ExposureUsd): bigint {
  const perMarket = MARKET_SLOTS.map((slot) => {
    const notionalUsd = magnitude(exposureUsd[slot]);
    return notionalUsd === 0n ? 0n : openingCostUsd({ house, slot, notionalUsd });
  });
  const { liquidationDepositUsd } = house.manifest.parameters;
  return perMarket.reduce((sum, cost) => sum + cost, liquidationDepositUsd);
}

function openingCostUsd(opening: { house: House; slot: MarketSlot; notionalUsd: bigint }): bigint {
  const { house, slot, notionalUsd } = opening;
  const { risk, terms } = house.markets[slot].terms;
  const { skewScaleUsd, netUsd } = house.liquidity;
  const depthUsd = skewScaleUsd / 100n;
  const marginUsd =
    divideUp(notionalUsd * risk.initialMargin, ONE) +
    divideUp(notionalUsd * notionalUsd * risk.sizeSlope, depthUsd * ONE);
  const impactRate = divideUp(netUsd * ONE, skewScaleUsd);
  const costRate = impactRate + terms.takerFee + SPARE;
  // In parts no smaller than half of what the pool takes, or all at once.
  const parts = 1n + (2n * notionalUsd) / greatest([netUsd, ONE]);
  return marginUsd + divideUp(notionalUsd * costRate, ONE) + parts * KEEPER_FEE_USD;
}

/** Commits some orders in the order of the book and waits until all of them are positions. */
async function openRound(
  query: OpeningQuery & { orders: readonly BookOrder[]; held: Holdings },
): Promise<void> {
  const { chain, house, keepers, prices, orders, held } = query;
  for (const run of runsOf(orders)) {
    const calls = run.map((order) => commitCall({ house, order, chain }));
    const gas = ORDER_GAS * BigInt(calls.length);
    const { data, to } = house.orders.transaction("multicall", [calls]);
    await chain.send(run[0].account.owner, { data, to, gas });
  }
  for (const order of orders) held.add(order);
  await chain.mine(chain.now + BLOCK_SECONDS);
  await publishPrices({ chain, house, prices, timestamp: chain.now + BLOCK_SECONDS });
  for (let blocks = 0; blocks < MAX_BLOCKS_PER_ROUND; blocks++) {
    await keepers.untilIdle();
    await publishPrices({ chain, house, prices, timestamp: chain.now + BLOCK_SECONDS });
    if ((await missingPositions({ house, wanted: held.of(orders) })).length === 0) return;
  }
  const missing = await missingPositions({ house, wanted: held.of(orders) });
  throw new Error(
    `the keeper did not execute the orders for ${missing.length} positions within ${MAX_BLOCKS_PER_ROUND} blocks; ` +
      `the first is of account ${missing[0]?.account.plan.accountNumber}`,
  );
}

/** Orders of one account that follow each other go into one transaction. */
function runsOf(orders: readonly BookOrder[]): [BookOrder, ...BookOrder[]][] {
  const runs: [BookOrder, ...BookOrder[]][] = [];
  for (const order of orders) {
    const run = runs.at(-1);
    if (run?.[0].account === order.account) run.push(order);
    else runs.push([order]);
  }
  return runs;
}

function commitCall(query: { house: House; order: BookOrder; chain: LocalChain }): string {
  const { house, order, chain } = query;
  const anyPrice = order.sizeDelta > 0n ? 2n ** 111n : 0n;
  const { data } = house.orders.transaction("commit", [
    {
      account: order.account.id,
      market: house.markets[order.market].id,
      sizeDelta: order.sizeDelta,
      limitPrice: anyPrice,
      reduceOnly: false,
      trigger: 0n,
      triggerPrice: 0n,
      keeperFeeUsd: KEEPER_FEE_USD,
      expiry: chain.now + ORDER_LIFETIME,
    },
  ]);
  return data;
}

/** Those of some positions that are not as wanted. */
async function missingPositions<
  Wanted extends { account: BookAccount; market: MarketSlot; size: bigint },
>(query: { house: House; wanted: readonly Wanted[] }): Promise<Wanted[]> {
  const { house, wanted } = query;
  const sizes = await Promise.all(
    wanted.map(({ account, market }) =>
      house.house.call("positionOf", [account.id, house.markets[market].id]),
    ),
  );
  return wanted.filter(({ size }, index) => sizes[index]?.size !== size);
}
