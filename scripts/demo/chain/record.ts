// What a run's blocks say happened, read from receipts in the order of the chain.

import type { TransactionReceipt } from "ethers";
import type { EventOf } from "../../../sdk/src/abi.ts";
import type { clearingHouseAbi } from "../../../sdk/src/abis/ClearingHouse.ts";
import { describeAccount } from "../../../sdk/src/accountId.ts";
import { ONE } from "../../../sdk/src/amounts.ts";
import { absolute } from "../bigint.ts";
import type { ChartEvent } from "../chart/chart.ts";
import { formatUsd } from "../format.ts";
import { MARKET_SLOTS, type MarketSlot } from "../prices/path.ts";
import { medianFloor } from "../report/build-report.ts";
import type { LiquidationRecord } from "../report/outcome.ts";
import { RouteCounter } from "../report/routes.ts";
import type { House } from "./house.ts";
import type { MinedBlock } from "./local-chain.ts";
import type { BookAccount } from "./open-book.ts";

type HouseEvent = EventOf<typeof clearingHouseAbi>;
type Liquidated = Extract<HouseEvent, { name: "Liquidated" }>["args"];

/** A liquidation with what the checks need of it. */
export interface RecordedLiquidation extends LiquidationRecord {
  readonly slot: MarketSlot;
  /** {s} */
  readonly timestamp: bigint;
  readonly event: Liquidated;
}

/** A transaction of the keeper that liquidated and did nothing else. */
interface LiquidationTransaction {
  readonly gasUsed: bigint;
  readonly accounts: number;
  readonly arePartial: boolean;
}

export class RunRecord {
  readonly liquidations: RecordedLiquidation[] = [];
  readonly chartEvents: ChartEvent[] = [];
  readonly routes = new RouteCounter();
  readonly liquidationTransactions: LiquidationTransaction[] = [];
  txSent = 0;
  txFailed = 0;
  liquidatedUsd = 0n;
  /** D18{USD} What bankrupt accounts, and positions taken over from them, could not pay. */
  badDebtUsd = 0n;
  insurancePaidUsd = 0n;
  /** D18{USD} Shared by winners, less what a profit on positions taken over has repaid them. */
  socializedUsd = 0n;
  bankruptcies = 0;
  readonly #house: House;
  readonly #keepers: ReadonlySet<string>;
  readonly #numbers: ReadonlyMap<bigint, number>;
  readonly #prices: Record<MarketSlot, bigint>;
  #timestamp = 0n;

  constructor(query: {
    house: House;
    keepers: readonly string[];
    accounts: readonly BookAccount[];
    prices: Readonly<Record<MarketSlot, bigint>>;
  }) {
    this.#house = query.house;
    this.#keepers = new Set(query.keepers.map((address) => address.toLowerCase()));
    this.#numbers = new Map(query.accounts.map(({ id, plan }) => [id, plan.accountNumber]));
    this.#prices = { ...query.prices };
  }

  /** Takes in a block. Returns the numbers of the accounts that a keeper acted on. */
  add(block: MinedBlock, /** {s} On the price path. */ timestamp: bigint): Set<number> {
    this.#timestamp = timestamp;
    const acted = new Set<number>();
    for (const receipt of block.receipts) {
      if (this.#keepers.has(receipt.from.toLowerCase())) {
        this.txSent += 1;
        if (receipt.status !== 1) this.txFailed += 1;
      }
      for (const number of this.#addReceipt(receipt, block)) acted.add(number);
    }
    return acted;
  }

  #addReceipt(receipt: TransactionReceipt, block: MinedBlock): number[] {
    const before = this.liquidations.length;
    const acted: number[] = [];
    const events: HouseEvent[] = [];
    let skipped = 0;
    for (const log of receipt.logs) {
      const found = { ...log, topics: [...log.topics] };
      for (const slot of MARKET_SLOTS) {
        const { feed, feedDecimals } = this.#house.markets[slot];
        const round = feed.parseLog(found);
        if (round?.name === "RoundPublished") {
          this.#prices[slot] = round.args.answer * 10n ** BigInt(18 - feedDecimals);
        }
      }
      const event = this.#house.house.parseLog(found);
      if (event === undefined) continue;
      events.push(event);
      if (event.name === "LiquidationSkipped") skipped += 1;
      const number = this.#addEvent(event, block);
      if (number !== undefined) acted.push(number);
    }
    this.#addRoutes(events);
    const made = this.liquidations.slice(before);
    if (made.length > 0 && skipped === 0) {
      this.liquidationTransactions.push({
        gasUsed: receipt.gasUsed,
        accounts: new Set(made.map(({ accountNumber }) => accountNumber)).size,
        arePartial: made.every(({ extent }) => extent === "partial"),
      });
    }
    return acted;
  }

  /** The account of the book that a keeper acted on, if any. */
  #addEvent(event: HouseEvent, block: MinedBlock): number | undefined {
    switch (event.name) {
      case "Liquidated":
        return this.#addLiquidation(event.args, block);
      case "Resolved": {
        const { account, deficitUsd } = event.args;
        this.bankruptcies += 1;
        const number = this.#numbers.get(account);
        const who = number === undefined ? describeAccount(account) : `Account ${number}`;
        this.#mark("bankruptcy", `${who} could not pay ${formatUsd(deficitUsd)}.`);
        return number;
      }
      case "DeficitCovered":
        this.badDebtUsd += event.args.deficitUsd;
        this.insurancePaidUsd += event.args.insuranceUsd;
        return undefined;
      case "LossBooked": {
        const { lossUsd, fraction, market } = event.args;
        this.socializedUsd += lossUsd;
        const percent = `${(Number(fraction / 10n ** 12n) / 10_000).toFixed(2)} %`;
        const symbol = this.#house.manifest.markets[Number(market)]?.symbol;
        this.#mark(
          "loss",
          `Winners of ${symbol} share ${formatUsd(lossUsd)}: ${percent} of their unsettled gains.`,
        );
        return undefined;
      }
      case "Recovered": {
        const { toPendingUsd, toWinnersUsd } = event.args;
        this.badDebtUsd -= toPendingUsd + toWinnersUsd;
        this.socializedUsd -= toWinnersUsd;
        return undefined;
      }
      case "TakenOver":
      case "Marked":
      case "EventsApplied":
        return this.#numbers.get(event.args.account);
      default:
        return undefined;
    }
  }

  /** Which routes a transaction took. */
  #addRoutes(events: readonly HouseEvent[]): void {
    const taken = events.filter(({ name }) => name === "TakenOver").length;
    for (const event of events) {
      switch (event.name) {
        case "Liquidated": {
          const { account, market, sizeDelta } = event.args;
          // The other side of a slice that no pool took has an event of its own.
          const isMatched = events.some(
            ({ name, args }) => name === "Matched" && args.counterparty === account,
          );
          this.routes.add(isMatched ? "signedOrder" : "slice", this.#worth(market, sizeDelta));
          break;
        }
        case "TakenOver": {
          const { market, taker, sizeDelta } = event.args;
          const isBackstop = taker === this.#house.backstopAccount;
          const route = isBackstop ? "backstop" : taken > 1 ? "takeOverWhole" : "takeOver";
          this.routes.add(route, this.#worth(market, sizeDelta));
          break;
        }
        case "Unwound":
          this.routes.add("resolution", this.#worth(event.args.market, event.args.sizeDelta));
          break;
        case "TornUp":
          this.routes.add("tearUp", this.#worth(event.args.market, event.args.size));
          break;
      }
    }
  }

  /** D18{USD} At the index. */
  #worth(market: bigint, size: bigint): bigint {
    const slot = MARKET_SLOTS[Number(market)];
    return slot === undefined ? 0n : (absolute(size) * this.#prices[slot]) / ONE;
  }

  #addLiquidation(event: Liquidated, block: MinedBlock): number | undefined {
    const accountNumber = this.#numbers.get(event.account);
    const slot = MARKET_SLOTS[Number(event.market)];
    if (accountNumber === undefined || slot === undefined) return undefined;
    const notionalUsd = (absolute(event.sizeDelta) * this.#prices[slot]) / ONE;
    this.liquidatedUsd += notionalUsd;
    this.liquidations.push({
      accountNumber,
      extent: event.size === 0n ? "full" : "partial",
      notionalUsd,
      slot,
      timestamp: block.timestamp,
      event,
    });
    return accountNumber;
  }

  #mark(kind: ChartEvent["kind"], text: string): void {
    this.chartEvents.push({ kind, timestamp: this.#timestamp, text });
  }
}

/** Gas of the transactions that liquidated one account partially. */
export function singlePartialGas({ liquidationTransactions }: RunRecord): bigint[] {
  return liquidationTransactions
    .filter(({ accounts, arePartial }) => accounts === 1 && arePartial)
    .map(({ gasUsed }) => gasUsed);
}

/** What one more account in a batch costs: the median over all batches, each compared with the median of single ones. Null without either. */
export function batchMarginalGas(record: RunRecord): bigint | null {
  const single = medianFloor(singlePartialGas(record));
  if (single === null) return null;
  const marginals = record.liquidationTransactions
    .filter(({ accounts, arePartial }) => accounts > 1 && arePartial)
    .map(({ gasUsed, accounts }) => (gasUsed - single) / BigInt(accounts - 1));
  return medianFloor(marginals);
}
