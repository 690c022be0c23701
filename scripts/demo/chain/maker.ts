// A market maker that signs orders instead of sending them: at every price a bid and an offer for each market, into a file that keepers read.

import { rename, writeFile } from "node:fs/promises";
import { Wallet } from "ethers";
import { type AccountId, accountIdOf } from "../../../sdk/src/accountId.ts";
import { ONE } from "../../../sdk/src/amounts.ts";
import { formatOrderLine } from "../../../sdk/src/orders/orderLines.ts";
import { type Order, signOrder } from "../../../sdk/src/orders/signedOrder.ts";
import { greatest } from "../bigint.ts";
import type { Prices } from "./feeds.ts";
import { payIn } from "./funding.ts";
import { type House, type HouseMarket, marketsOf } from "./house.ts";
import type { LocalChain } from "./local-chain.ts";
import { ROLES } from "./roles.ts";
import { TRADE } from "./takers.ts";

/** D18{USD} What it has, and the most notional it holds in a market. */
const CASH_USD = 1_000_000n * ONE;
const POSITION_USD = 750_000n * ONE;
/** D18{USD} One order is for so much at most. */
const ORDER_USD = 250_000n * ONE;
/** D18{1} Its prices are so far from the index: with the pool so far off, who is liquidated gets more from the maker. */
const HALF_SPREAD = (4n * ONE) / 1_000n;
/** {s} No price is good for longer. */
const GOOD_FOR_SECONDS = 60n;

export class Maker {
  readonly account: AccountId;
  /** Keepers read it. */
  readonly file: string;
  readonly #house: House;
  readonly #chainId: bigint;
  readonly #wallet: Wallet;
  #nonce = 0n;

  constructor(query: { chain: LocalChain; house: House; file: string }) {
    const { chain, house, file } = query;
    this.account = accountIdOf(chain.account(ROLES.maker));
    this.file = file;
    this.#house = house;
    this.#chainId = BigInt(house.manifest.chainId);
    this.#wallet = new Wallet(chain.privateKeyOf(ROLES.maker));
  }

  /** Pays into its account and lets the venue of signed orders trade for it. */
  async prepare(chain: LocalChain): Promise<void> {
    const { house, signedOrders } = this.#house;
    const deposits = [{ account: this.account, amountUsd: CASH_USD }];
    await payIn({ chain, house: this.#house, deposits });
    const call = house.transaction("setDelegate", [this.account, signedOrders.address, TRADE]);
    await chain.send(this.#wallet.address, call);
    await chain.mine(chain.now + 1n);
    await this.#write([]);
  }

  /** Replaces its quotes by new ones around the prices that are about to be published. */
  async quote(next: { prices: Prices; timestamp: bigint }): Promise<void> {
    const orders = await Promise.all(
      marketsOf(this.#house).map((market) => this.#ordersIn({ market, ...next })),
    );
    const venue = { chainId: this.#chainId, signedOrders: this.#house.signedOrders.address };
    const signed = await Promise.all(
      orders.flat().map((order) => signOrder(venue, order, this.#wallet)),
    );
    await this.#write(signed.map(formatOrderLine));
  }

  /** A bid and an offer, as far as its position allows. */
  async #ordersIn(next: {
    market: HouseMarket;
    prices: Prices;
    timestamp: bigint;
  }): Promise<Order[]> {
    const { market, prices, timestamp } = next;
    const price = prices[market.slot];
    const { size } = await this.#house.house.call("positionOf", [this.account, market.id]);
    const heldUsd = (size * price) / ONE;
    return ([1n, -1n] as const).flatMap((side) => {
      const roomUsd = POSITION_USD - side * heldUsd;
      const orderUsd = roomUsd < ORDER_USD ? roomUsd : ORDER_USD;
      const { lotSize, minNotionalUsd } = market.terms.terms;
      if (orderUsd < greatest([minNotionalUsd, ONE])) return [];
      const lots = (orderUsd * ONE) / (price * lotSize);
      this.#nonce += 1n;
      return [
        {
          account: this.account,
          market: market.id,
          size: side * lots * lotSize,
          limitPrice: price - (side * price * HALF_SPREAD) / ONE,
          expiry: timestamp + GOOD_FOR_SECONDS,
          nonce: this.#nonce,
          counterparty: 0n,
          signer: this.#wallet.address,
          reduceOnly: false,
          makerOnly: true,
        },
      ];
    });
  }

  /** Whole or not at all: keepers read it at any time. */
  async #write(lines: readonly string[]): Promise<void> {
    const draft = `${this.file}.new`;
    await writeFile(draft, lines.map((line) => `${line}\n`).join(""));
    await rename(draft, this.file);
  }
}
