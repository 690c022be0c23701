import { delayedOrdersAbi } from "../../../sdk/src/abis/DelayedOrders.ts";
import { oracleRouterAbi } from "../../../sdk/src/abis/OracleRouter.ts";
import type { Manifest } from "../../../sdk/src/manifest.ts";
import { type Caller, typedContract } from "../../../sdk/src/typedContract.ts";
import type { OrderTerms } from "../decide/orders.ts";
import type { PriceWindow } from "../decide/settlements.ts";

/** What deciding needs beside the judge: asked only when it is needed. */
export interface HouseReader {
  windows(markets: Iterable<number>, block: number): Promise<ReadonlyMap<number, PriceWindow>>;
  orderTerms(markets: Iterable<number>, block: number): Promise<ReadonlyMap<number, OrderTerms>>;
}

export function houseReader(manifest: Manifest, caller: Caller): HouseReader {
  const oracle = typedContract(oracleRouterAbi, manifest.contracts.oracleRouter, caller);
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
        return { maxWaitSeconds: Number(terms.maxWaitSeconds) };
      }),
  };
}
