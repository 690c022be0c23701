// What a run's blocks say happened, read from receipts in the order of the chain.

import type { TransactionReceipt } from "ethers";
import type { EventOf } from "../../../sdk/src/abi.ts";
import type { circuitBreakerAbi } from "../../../sdk/src/abis/CircuitBreaker.ts";
import type { clearingHouseAbi } from "../../../sdk/src/abis/ClearingHouse.ts";
import type { collateralAuctionAbi } from "../../../sdk/src/abis/CollateralAuction.ts";
import { describeAccount } from "../../../sdk/src/accountId.ts";
import { ONE } from "../../../sdk/src/amounts.ts";
import { magnitude } from "../../../sdk/src/math/fixedPoint.ts";
import type { ChartEvent } from "../chart/chart.ts";
import { formatUsd } from "../format.ts";
import { MARKET_SLOTS, type MarketSlot } from "../prices/path.ts";
import { type BreakerMove, breakerMoveOf } from "../report/breaker.ts";
import { medianFloor } from "../report/build-report.ts";
import type { LiquidationRecord } from "../report/outcome.ts";
import { RouteCounter } from "../report/routes.ts";
import { collateralsOf, type House } from "./house.ts";
import type { MinedBlock } from "./local-chain.ts";
import type { BookAccount } from "./open-book.ts";

type AuctionEvent = EventOf<typeof collateralAuctionAbi>;
type BreakerEvent = EventOf<typeof circuitBreakerAbi>;
type HouseEvent = EventOf<typeof clearingHouseAbi>;
type Liquidated = Extract<HouseEvent, { name: "Liquidated" }>["args"];

/** {s} Longer than any auction's price falls. */
const AUCTION_SECONDS = 180n;

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
  /** How often the circuit breaker moved a market, by how. */
  readonly breakerMoves: Record<BreakerMove, number> = {
    guarded: 0,
    halted: 0,
    released: 0,
    relaxed: 0,
  };
  readonly #house: House;
  readonly #keepers: ReadonlySet<string>;
  readonly #numbers: ReadonlyMap<bigint, number>;
  /** {s} When they started, by account and asset. */
  readonly #auctions = new Map<string, bigint>();
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
  async add(
    block: MinedBlock,
    /** {s} On the price path. */ timestamp: bigint,
  ): Promise<Set<number>> {
    this.#timestamp = timestamp;
    const acted = new Set<number>();
    for (const receipt of block.receipts) {
      if (this.#keepers.has(receipt.from.toLowerCase())) {
        this.txSent += 1;
        if (receipt.status !== 1) this.txFailed += 1;
      }
      for (const number of await this.#addReceipt(receipt, block)) acted.add(number);
    }
    return acted;
  }

  /** Whether an auction of collateral runs that its price says something in. */
  isCollateralForSale(now: bigint): boolean {
    return [...this.#auctions].some(([, startedAt]) => now < startedAt + AUCTION_SECONDS);
  }

  async #addReceipt(receipt: TransactionReceipt, block: MinedBlock): Promise<number[]> {
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
      this.#addAuction(this.#house.auction.parseLog(found));
      this.#addBreaker(this.#house.breaker.parseLog(found));
      const event = this.#house.house.parseLog(found);
      if (event === undefined) continue;
      events.push(event);
      if (event.name === "LiquidationSkipped") skipped += 1;
      const number = this.#addEvent(event, block);
      if (number !== undefined) acted.push(number);
    }
    this.#addRoutes(events);
    await this.#addTakeOvers(events, receipt);
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
        this.insurancePaidUsd += event.args.coveredUsd;
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

  #addAuction(event: AuctionEvent | undefined): void {
    if (event === undefined) return;
    const { account, asset } = event.args;
    const key = `${account} ${asset}`;
    if (event.name === "AuctionStarted") this.#auctions.set(key, event.args.startedAt);
    if (event.name === "AuctionEnded") this.#auctions.delete(key);
    if (event.name !== "AuctionTaken") return;
    const sold = collateralsOf(this.#house).find((each) => each.asset.address === asset);
    if (sold === undefined) throw new Error(`an auction sold ${asset}, which is no collateral`);
    const { amountNative } = event.args;
    const notionalUsd = (amountNative * this.#prices[sold.slot]) / 10n ** BigInt(sold.decimals);
    this.routes.add("collateralAuction", notionalUsd);
  }

  #addBreaker(event: BreakerEvent | undefined): void {
    if (event?.name !== "BreakerMoved") return;
    const move = breakerMoveOf(event.args.oldMode, event.args.newMode);
    if (move !== null) this.breakerMoves[move] += 1;
  }

  /** Which routes a transaction took, take-overs aside. */
  #addRoutes(events: readonly HouseEvent[]): void {
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
        case "Unwound":
          // What is left without a size is closed the same way, and sells nothing.
          if (event.args.sizeDelta !== 0n)
            this.routes.add("resolution", this.#worth(event.args.market, event.args.sizeDelta));
          break;
        case "TornUp":
          this.routes.add("tearUp", this.#worth(event.args.market, event.args.size));
          break;
      }
    }
  }

  /** A whole account counts once. Of one with a single position only the call tells that it was taken whole. */
  async #addTakeOvers(events: readonly HouseEvent[], receipt: TransactionReceipt): Promise<void> {
    const whole = new Map<bigint, bigint>();
    let isWhole: boolean | undefined;
    for (const event of events) {
      if (event.name !== "TakenOver") continue;
      const { account, market, taker, sizeDelta } = event.args;
      const worthUsd = this.#worth(market, sizeDelta);
      isWhole ??= await this.#takesWhole(receipt);
      if (taker === this.#house.backstopAccount) this.routes.add("backstop", worthUsd);
      else if (isWhole) whole.set(account, (whole.get(account) ?? 0n) + worthUsd);
      else this.routes.add("takeOver", worthUsd);
    }
    for (const worthUsd of whole.values()) this.routes.add("takeOverWhole", worthUsd);
  }

  async #takesWhole(receipt: TransactionReceipt): Promise<boolean> {
    const { data } = await receipt.getTransaction();
    const called = this.#house.house.interface.parseTransaction({ data });
    return called?.name === "takeOverWhole";
  }

  /** D18{USD} At the index. */
  #worth(market: bigint, size: bigint): bigint {
    const slot = MARKET_SLOTS[Number(market)];
    return slot === undefined ? 0n : (magnitude(size) * this.#prices[slot]) / ONE;
  }

  #addLiquidation(event: Liquidated, block: MinedBlock): number | undefined {
    const accountNumber = this.#numbers.get(event.account);
    const slot = MARKET_SLOTS[Number(event.market)];
    if (accountNumber === undefined || slot === undefined) return undefined;
    const notionalUsd = (magnitude(event.sizeDelta) * this.#prices[slot]) / ONE;
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
