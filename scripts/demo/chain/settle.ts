import { type Prices, publishPrices } from "./feeds.ts";
import type { House } from "./house.ts";
import { marketsOf } from "./house.ts";
import type { LocalChain } from "./local-chain.ts";
import { ROLES } from "./roles.ts";

/** Calls per transaction. */
const CALLS_PER_TRANSACTION = 20;
const CALL_GAS = 1_500_000n;
/** More than any run has; what waits beyond stays for later. */
const ALL = 10_000n;
/** {s} Between two rounds of the feeds, within a maturity bucket. */
const ROUND_SECONDS = 300n;

/**
 * Brings every account up to date, so that its figures are what it has: market events applied, refunds claimed, gains let mature at a constant price, losses
 * pulled and gains paid. Anybody may do all of it.
 */
export async function settleEverybody(query: {
  chain: LocalChain;
  house: House;
  prices: Prices;
  accounts: readonly bigint[];
}): Promise<void> {
  const { chain, house, accounts } = query;
  const calls = house.house;
  const perMarket = (encode: (account: bigint, market: bigint) => string) =>
    marketsOf(house).flatMap(({ id }) => accounts.map((account) => encode(account, id)));
  await sendAll(
    query,
    perMarket((account, market) => calls.transaction("touch", [account, market, ALL]).data),
  );
  await sendAll(
    query,
    perMarket((account, market) => calls.transaction("claimRefunds", [account, market, ALL]).data),
  );
  const buckets = house.markets.main.terms.oracle.bucketSeconds;
  const matureAt = chain.now + 3n * BigInt(buckets);
  while (chain.now < matureAt) {
    await publishPrices({ ...query, timestamp: chain.now + ROUND_SECONDS });
    await observe(query);
  }
  // Losers first: what they pay in is what the second round pays out.
  for (let round = 0; round < 2; round++) {
    await sendAll(
      query,
      accounts.map((account) => calls.transaction("settle", [[account]]).data),
    );
  }
}

/** A price is part of the maturity window when somebody has looked at it. */
async function observe({ chain, house }: { chain: LocalChain; house: House }): Promise<void> {
  const everybody = house.markets.main.poolAccount;
  const second = house.markets.second.poolAccount;
  const { data } = house.house.transaction("settle", [[everybody, second]]);
  await chain.send(chain.account(ROLES.operator), { to: house.house.address, data });
  await chain.mine(chain.now + 1n);
}

async function sendAll(
  { chain, house }: { chain: LocalChain; house: House },
  calls: readonly string[],
): Promise<void> {
  for (let from = 0; from < calls.length; from += CALLS_PER_TRANSACTION) {
    const page = calls.slice(from, from + CALLS_PER_TRANSACTION);
    const call = house.house.transaction("multicall", [page]);
    const gas = CALL_GAS * BigInt(page.length);
    await chain.send(chain.account(ROLES.operator), { ...call, gas });
  }
  await chain.mine(chain.now + 1n);
}
