import type { Result } from "../../../sdk/src/abi.ts";
import { circuitBreakerAbi } from "../../../sdk/src/abis/CircuitBreaker.ts";
import { clearingHouseAbi } from "../../../sdk/src/abis/ClearingHouse.ts";
import { delayedOrdersAbi } from "../../../sdk/src/abis/DelayedOrders.ts";
import { liquidationEngineAbi } from "../../../sdk/src/abis/LiquidationEngine.ts";
import { oracleRouterAbi } from "../../../sdk/src/abis/OracleRouter.ts";
import { riskEngineAbi } from "../../../sdk/src/abis/RiskEngine.ts";
import type { AccountId } from "../../../sdk/src/accountId.ts";
import type { Manifest } from "../../../sdk/src/manifest.ts";
import { type HouseBooks, type MarketBooks, readBooks } from "../../../sdk/src/reconciliation.ts";
import { type Caller, typedContract } from "../../../sdk/src/typedContract.ts";
import type { BackstopWait } from "../decide/backstop.ts";
import type { BreakerCondition } from "../decide/breaker.ts";
import type { TrancheTerms } from "../decide/distributions.ts";
import type { MarginMultipliers } from "../decide/margins.ts";
import type { OrderTerms } from "../decide/orders.ts";
import type { PriceWindow } from "../decide/settlements.ts";
import type { WindDownTerms } from "../decide/windDowns.ts";

/** How far a market's buffers reach, now and as last measured. */
export type CoverageState = Result<typeof clearingHouseAbi, "coverageOf">;

/** What deciding needs beside the judge: asked only when it is needed. */
export interface HouseReader {
  windows(markets: Iterable<number>, block: number): Promise<ReadonlyMap<number, PriceWindow>>;
  orderTerms(markets: Iterable<number>, block: number): Promise<ReadonlyMap<number, OrderTerms>>;
  coverage(markets: Iterable<number>, block: number): Promise<ReadonlyMap<number, CoverageState>>;
  multipliers(
    markets: Iterable<number>,
    block: number,
  ): Promise<ReadonlyMap<number, MarginMultipliers>>;
  /** Markets that the circuit breaker has terms for. */
  breakers(
    markets: Iterable<number>,
    block: number,
  ): Promise<ReadonlyMap<number, BreakerCondition>>;
  /** {s} How long take-over auctions last. */
  auctionSeconds(markets: Iterable<number>, block: number): Promise<ReadonlyMap<number, number>>;
  /** How long the backstop waits for others. */
  backstopWaits(
    markets: Iterable<number>,
    block: number,
  ): Promise<ReadonlyMap<number, BackstopWait>>;
  /** Resolution accounts, by market. They never change. */
  resolutionAccounts(markets: Iterable<number>): Promise<ReadonlyMap<number, AccountId>>;
  tranches(markets: Iterable<number>, block: number): Promise<ReadonlyMap<number, TrancheTerms>>;
  /** {s} When the last price that the oracle has stored was published. */
  storedAt(markets: Iterable<number>, block: number): Promise<ReadonlyMap<number, bigint>>;
  windDowns(markets: Iterable<number>, block: number): Promise<ReadonlyMap<number, WindDownTerms>>;
  /** The books of the house and of some markets. */
  books(markets: Iterable<number>, block: number): Promise<Books>;
}

export interface Books {
  readonly house: HouseBooks;
  readonly markets: ReadonlyMap<number, MarketBooks>;
}

/** Kind of the house's own account that holds inventory. */
const RESOLUTION = 0n;

export function houseReader(manifest: Manifest, caller: Caller): HouseReader {
  const oracle = typedContract(oracleRouterAbi, manifest.contracts.oracleRouter, caller);
  const house = typedContract(clearingHouseAbi, manifest.contracts.clearingHouse, caller);
  const engine = typedContract(liquidationEngineAbi, manifest.contracts.liquidationEngine, caller);
  const risk = typedContract(riskEngineAbi, manifest.contracts.riskEngine, caller);
  const breaker = typedContract(circuitBreakerAbi, manifest.contracts.circuitBreaker, caller);
  const resolutionAccounts = new Map<number, AccountId>();
  const orders = typedContract(delayedOrdersAbi, manifest.contracts.delayedOrders, caller);

  async function each<T>(
    markets: Iterable<number>,
    read: (market: bigint) => Promise<T>,
  ): Promise<Map<number, T>> {
    const entries = [...new Set(markets)].map(async (market) => ({
      market,
      value: await read(BigInt(market)),
    }));
    return new Map((await Promise.all(entries)).map(({ market, value }) => [market, value]));
  }

  return {
    windows: (markets, block) =>
      each(markets, (market) => oracle.call("windowOf", [market], { blockTag: block })),
    orderTerms: (markets, block) =>
      each(markets, async (market) => {
        const terms = await orders.call("orderTermsOf", [market], { blockTag: block });
        return {
          maxWaitSeconds: Number(terms.maxWaitSeconds),
          minKeeperFeeUsd: terms.minKeeperFeeUsd,
        };
      }),
    coverage: (markets, block) =>
      each(markets, (market) => house.call("coverageOf", [market], { blockTag: block })),
    multipliers: (markets, block) =>
      each(markets, (market) => risk.call("multipliersOf", [market], { blockTag: block })),
    async breakers(markets, block) {
      const options = { blockTag: block };
      const terms = await each(markets, (market) =>
        breaker.call("breakerTermsOf", [market], options),
      );
      const watched = new Map(
        [...terms].flatMap(([market, { windowSeconds, standSeconds }]) =>
          windowSeconds === 0n ? [] : [[market, standSeconds]],
        ),
      );
      return each(watched.keys(), async (market) => {
        const [condition, { surgeSince, outageSince }] = await Promise.all([
          breaker.call("conditionOf", [market], options),
          breaker.call("samplesOf", [market], options),
        ]);
        const { readings, mode, wouldRelax, haltableAt, sampleableAt } = condition;
        const standSeconds = watched.get(Number(market)) ?? 0n;
        return {
          ...{ readings, mode, wouldRelax, haltableAt, sampleableAt },
          ...{ surgeSince, outageSince, standSeconds },
        };
      });
    },
    auctionSeconds: (markets, block) =>
      each(markets, async (market) => {
        const terms = await engine.call("auctionTermsOf", [market], { blockTag: block });
        return Number(terms.durationSeconds);
      }),
    backstopWaits: (markets, block) =>
      each(markets, async (market) => {
        const [{ windowSeconds }, { durationSeconds }] = await Promise.all([
          engine.call("liquidationTermsOf", [market], { blockTag: block }),
          engine.call("auctionTermsOf", [market], { blockTag: block }),
        ]);
        return { windowSeconds: Number(windowSeconds), auctionSeconds: Number(durationSeconds) };
      }),
    async resolutionAccounts(markets) {
      const unknown = [...markets].filter((market) => !resolutionAccounts.has(market));
      const found = await each(unknown, (market) =>
        house.call("systemAccountOf", [market, RESOLUTION]),
      );
      for (const [market, account] of found) resolutionAccounts.set(market, account);
      return resolutionAccounts;
    },
    tranches: (markets, block) =>
      each(markets, (market) => house.call("trancheOf", [market], { blockTag: block })),
    storedAt: (markets, block) =>
      each(markets, async (market) => {
        const record = await oracle.call("recordOf", [market], { blockTag: block });
        return record.publishedAt;
      }),
    windDowns: (markets, block) =>
      each(markets, (market) => house.call("windDownOf", [market], { blockTag: block })),
    books: (markets, block) =>
      readBooks({ house: manifest.contracts.clearingHouse, caller }, markets, { blockTag: block }),
  };
}
