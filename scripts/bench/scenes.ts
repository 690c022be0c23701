import type { Chain } from "./chain.ts";
import type { House } from "./house.ts";
import { expectEvents, gasOf } from "./receipts.ts";

const ETH = 0;

/** Long enough for fills to mature: two buckets and a little. */
export const MATURED_SECONDS = 1_300;

/** What the account's other markets publish before the liquidation: rounds that others have observed, new ones, or all observed in the same block. */
export type Rounds = "observed" | "new" | "sameBlock";

/** An account with a large position in the first market and small ones in others, just below its maintenance margin. */
export async function distressed(house: House, positions: number, rounds: Rounds): Promise<bigint> {
  const { newAccount, trade, push, sizeOf, prices, observe } = house;
  const account = await newAccount(10_000);
  await trade(account, ETH, sizeOf(ETH, 160_000));
  const others = Array.from({ length: positions - 1 }, (_, index) => index + 1);
  for (const market of others) await trade(account, market, sizeOf(market, 1_000));
  await house.wait(MATURED_SECONDS);
  for (const market of others) await push(market, (prices[market] ?? 0) * 0.99);
  if (rounds === "observed") await observe(2n ** BigInt(positions) - 2n);
  await push(ETH, 1_925);
  return account;
}

/** An account with this position, and a price at which it owes more than it has; its deficit is about a sixth of what it had. */
export async function bankrupt(house: House, notionalUsd: number): Promise<bigint> {
  const account = await house.newAccount(5 + notionalUsd * 0.06);
  await house.trade(account, ETH, house.sizeOf(ETH, notionalUsd));
  await house.wait(MATURED_SECONDS);
  await house.push(ETH, 1_860);
  return account;
}

export async function resolve({ send }: Chain, tools: House, account: bigint, lossEvents: number) {
  const { house, keeper, keeperSigner } = tools;
  const asKeeper = house.connect(keeperSigner);
  const receipt = await send((o) => asKeeper.resolve(account, [], keeper, o));
  expectEvents(house, receipt, "Resolved", 1);
  expectEvents(house, receipt, "LossBooked", lossEvents);
  return gasOf(receipt);
}

export const INSURED_USD = 10_000;
export const SHARED_USD = 160_000;

/** The position that orders are about. */
export const POSITION_USD = 20_000;

/** An order over an open position that has lost a little: adding, reducing or closing it. */
export async function change(_: Chain, house: House, notionalUsd: number) {
  const { newAccount, trade, push, commit, execute, sizeOf } = house;
  const account = await newAccount(5_000);
  await trade(account, ETH, sizeOf(ETH, POSITION_USD));
  await house.wait(MATURED_SECONDS);
  await push(ETH, 1_990);
  const { orderId } = await commit(account, ETH, sizeOf(ETH, notionalUsd), notionalUsd < 0);
  return execute(ETH, orderId);
}
