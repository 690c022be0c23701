// Opens the book of accounts as its owners would: each pays in, lets the order venue trade, and commits its orders; the keeper
// executes them at the next price.

import { accountIdOf } from "../../../sdk/src/accountId.ts";
import { ONE } from "../../../sdk/src/amounts.ts";
import { absolute, divideUp } from "../bigint.ts";
import { type AccountPlan, createBook, type ExposureUsd } from "../book.ts";
import { MARKET_SLOTS, type MarketSlot } from "../prices/path.ts";
import { type Prices, publishPrices } from "./feeds.ts";
import { payIn } from "./funding.ts";
import type { House, HouseMarket } from "./house.ts";
import type { DemoKeeper } from "./keeper.ts";
import type { LocalChain } from "./local-chain.ts";
import { NET_LIMIT_USD, OPEN_INTEREST_LIMIT_USD, SKEW_SCALE_USD } from "./parameters.ts";
import { ROLES } from "./roles.ts";

/** An account of the book, on the chain. */
export interface BookAccount {
  readonly plan: AccountPlan;
  readonly id: bigint;
  readonly owner: string;
}

/** D18{USD} No order of the book is smaller: twice what the house accepts, so that half of it may stay open. */
const MIN_NOTIONAL_USD = 500n * ONE;
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
  readonly keeper: DemoKeeper;
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
  const deposits = accounts.map(({ id, plan }) => ({ account: id, amountUsd: plan.cashUsd }));
  await payIn({ chain, house, deposits });
  for (const { id, owner } of accounts) {
    const trade = 1n;
    await chain.send(
      owner,
      house.house.transaction("setDelegate", [id, house.orders.address, trade]),
    );
  }
  await chain.mine(chain.now + 1n);
  const rounds = roundsOf(accounts);
  for (const round of rounds) await openRound({ ...query, accounts: round });
}

/** D18{USD} Initial margin, the largest impact the book can have, fees, and the liquidation deposit. */
function requiredCashUsd({ markets, manifest }: House, exposureUsd: ExposureUsd): bigint {
  const perMarket = MARKET_SLOTS.map((slot) => {
    const notionalUsd = absolute(exposureUsd[slot]);
    return notionalUsd === 0n ? 0n : openingCostUsd(markets[slot], notionalUsd);
  });
  const { liquidationDepositUsd } = manifest.parameters;
  return perMarket.reduce((sum, cost) => sum + cost, liquidationDepositUsd);
}

function openingCostUsd({ terms: { risk, terms } }: HouseMarket, notionalUsd: bigint): bigint {
  const depthUsd = SKEW_SCALE_USD / 100n;
  const marginUsd =
    divideUp(notionalUsd * risk.initialMargin, ONE) +
    divideUp(notionalUsd * notionalUsd * risk.sizeSlope, depthUsd * ONE);
  const impactRate = divideUp(NET_LIMIT_USD * ONE, SKEW_SCALE_USD);
  const costRate = impactRate + terms.takerFee + SPARE;
  return marginUsd + divideUp(notionalUsd * costRate, ONE) + KEEPER_FEE_USD;
}

/** Accounts in the order of the book, as many at once as have so many orders. */
function roundsOf(accounts: readonly BookAccount[]): BookAccount[][] {
  const rounds: BookAccount[][] = [];
  let orders = ORDERS_PER_ROUND;
  for (const account of accounts) {
    orders += account.plan.orders.length;
    if (orders > ORDERS_PER_ROUND) {
      rounds.push([]);
      orders = account.plan.orders.length;
    }
    rounds.at(-1)?.push(account);
  }
  return rounds;
}

/** Commits the orders of some accounts in the order of the book and waits until all of them are positions. */
async function openRound(query: OpeningQuery): Promise<void> {
  const { chain, house, keeper, prices, accounts } = query;
  for (const account of accounts) {
    const calls = account.plan.orders.map((order) => commitCall({ house, account, order, chain }));
    const gas = ORDER_GAS * BigInt(calls.length);
    await chain.send(account.owner, { ...house.orders.transaction("multicall", [calls]), gas });
  }
  await chain.mine(chain.now + BLOCK_SECONDS);
  await publishPrices({ chain, house, prices, timestamp: chain.now + BLOCK_SECONDS });
  for (let blocks = 0; blocks < MAX_BLOCKS_PER_ROUND; blocks++) {
    await keeper.untilIdle();
    await publishPrices({ chain, house, prices, timestamp: chain.now + BLOCK_SECONDS });
    if ((await missingOrders({ house, accounts })).length === 0) return;
  }
  const missing = await missingOrders({ house, accounts });
  throw new Error(
    `the keeper did not execute ${missing.length} orders within ${MAX_BLOCKS_PER_ROUND} blocks; ` +
      `the first is of account ${missing[0]?.plan.accountNumber}`,
  );
}

function commitCall(query: {
  house: House;
  account: BookAccount;
  order: AccountPlan["orders"][number];
  chain: LocalChain;
}): string {
  const { house, account, order, chain } = query;
  const anyPrice = order.sizeDelta > 0n ? 2n ** 111n : 0n;
  const { data } = house.orders.transaction("commit", [
    {
      account: account.id,
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

/** Accounts that do not hold what their orders ask for. */
async function missingOrders(query: {
  house: House;
  accounts: readonly BookAccount[];
}): Promise<BookAccount[]> {
  const { house, accounts } = query;
  const open = await Promise.all(
    accounts.map(async ({ id, plan }) => {
      const sizes = await Promise.all(
        plan.orders.map(async ({ market, sizeDelta }) => {
          const { size } = await house.house.call("positionOf", [id, house.markets[market].id]);
          return size === sizeDelta;
        }),
      );
      return sizes.every((isThere) => isThere);
    }),
  );
  return accounts.filter((_, index) => open[index] !== true);
}
