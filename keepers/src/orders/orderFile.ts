import { readFileSync, statSync } from "node:fs";
import type { Manifest } from "../../../sdk/src/manifest.ts";
import { parseOrderLine } from "../../../sdk/src/orders/orderLines.ts";
import {
  OrderError,
  type OrderVenue,
  orderHashOf,
  type SignedOrder,
} from "../../../sdk/src/orders/signedOrder.ts";
import { messageOf } from "../failures.ts";

/** A signed order under the name by which the venue counts its fills. */
export interface KnownOrder {
  readonly hash: string;
  readonly signed: SignedOrder;
}

/** A line that holds no order. Lines count from 1; 0 stands for the file. */
export interface BadLine {
  readonly line: number;
  readonly reason: string;
}

export interface OrderFileContent {
  readonly orders: readonly KnownOrder[];
  readonly badLines: readonly BadLine[];
}

/** A file of signed orders, one as JSON a line. Read again when it has changed; a last line without its end is still being written. */
export class OrderFile {
  readonly #file: string;
  readonly #venue: OrderVenue;
  readonly #onBadLines: (badLines: readonly BadLine[]) => void;
  #stamp = "";
  #orders: readonly KnownOrder[] = [];

  constructor({
    file,
    venue,
    onBadLines,
  }: {
    file: string;
    venue: OrderVenue;
    onBadLines: (badLines: readonly BadLine[]) => void;
  }) {
    this.#file = file;
    this.#venue = venue;
    this.#onBadLines = onBadLines;
  }

  /** The orders in the file now. */
  orders(): readonly KnownOrder[] {
    const stamp = this.#stampNow();
    if (stamp === this.#stamp) return this.#orders;
    this.#stamp = stamp;
    const { orders, badLines } = this.#read();
    this.#orders = orders;
    if (badLines.length > 0) this.#onBadLines(badLines);
    return orders;
  }

  #stampNow(): string {
    try {
      const { mtimeMs, size, ino } = statSync(this.#file);
      return [mtimeMs, size, ino].join();
    } catch (error) {
      return messageOf(error);
    }
  }

  #read(): OrderFileContent {
    try {
      return readOrderLines(readFileSync(this.#file, "utf8"), this.#venue);
    } catch (error) {
      return { orders: [], badLines: [{ line: 0, reason: messageOf(error) }] };
    }
  }
}

export function venueOf({ chainId, contracts }: Manifest): OrderVenue {
  return { chainId: BigInt(chainId), signedOrders: contracts.signedOrders };
}

/** Orders of a text, each once, and what cannot be read. Empty lines are nothing. */
export function readOrderLines(text: string, venue: OrderVenue): OrderFileContent {
  const lines = text.split("\n");
  const isCut = lines.at(-1) !== "";
  const orders = new Map<string, KnownOrder>();
  const badLines: BadLine[] = [];
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") continue;
    try {
      const signed = parseOrderLine(line);
      const hash = orderHashOf(venue, signed.order);
      orders.set(hash, { hash, signed });
    } catch (error) {
      if (!(error instanceof OrderError)) throw error;
      if (!(isCut && i === lines.length - 1)) badLines.push({ line: i + 1, reason: error.message });
    }
  }
  return { orders: [...orders.values()], badLines };
}
