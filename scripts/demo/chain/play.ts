// Plays the price path: a round of both feeds for each step, then blocks at the same price until the keeper has done what it can or the next
// price is due.

import { ONE } from "../../../sdk/src/amounts.ts";
import { marketMode } from "../../../sdk/src/math/codes.ts";
import { magnitude } from "../../../sdk/src/math/fixedPoint.ts";
import { greatest, least } from "../bigint.ts";
import type { ChartFrame } from "../chart/chart.ts";
import { durationText } from "../format.ts";
import { MARKET_SLOTS, type MarketSlot, type PriceScenario } from "../prices/path.ts";
import type { Progress } from "../progress.ts";
import { type Prices, pushPrices } from "./feeds.ts";
import type { House } from "./house.ts";
import type { DemoKeepers } from "./keepers.ts";
import { LatencyWatch } from "./latency.ts";
import type { LocalChain } from "./local-chain.ts";
import type { Maker } from "./maker.ts";
import { NeglectWatch } from "./neglect.ts";
import {
  type AccountView,
  insuranceUsd,
  type MarketReport,
  openInterestUsd,
  poolEquityUsd,
  readMarkets,
  viewAccounts,
} from "./observe.ts";
import type { BookAccount } from "./open-book.ts";
import { heartbeatOf } from "./parameters.ts";
import type { RunRecord } from "./record.ts";
import { roundsBetween } from "./rounds.ts";

/** {s} Between two blocks at first. While a price stands, every few blocks it doubles, up to the most: more happens at once than later. */
const BLOCK_SECONDS = 12n;
const BLOCKS_AT_ONE_PACE = 5;
const MAX_BLOCK_SECONDS = 96n;
/** Blocks after a price, at most, in which the keepers may still act on it. */
const MAX_BLOCKS_PER_PRICE = 12;
/** Blocks in a row without anything done that somebody in distress is given: auctions take as long to come to their end. */
const MAX_QUIET_BLOCKS = 7;
/** {s} Longest time without a block that somebody is given to act in. */
const END_PAUSE = 120n;
/** D18{USD} Smaller deficits wait for others. */
const LEAST_BOOKED_USD = 100n * ONE;
/** Pauses after the last price, at most, until what was taken over is sold and shared. */
const MAX_END_PAUSES = 30;

export interface PlayQuery {
  readonly chain: LocalChain;
  readonly house: House;
  readonly keepers: DemoKeepers;
  readonly accounts: readonly BookAccount[];
  readonly scenario: PriceScenario;
  readonly record: RunRecord;
  readonly progress: Progress;
  /** Null where nobody signs orders. */
  readonly maker: Maker | null;
  /** {s} How long the keepers stay away, from the first account in distress on. */
  readonly keepersAbsentSeconds: number;
}

export interface Played {
  readonly frames: readonly ChartFrame[];
  /** D18{USD} */
  readonly peakOpenInterestUsd: bigint;
  readonly neglected: NeglectWatch["neglected"];
  /** {ms} */
  readonly latencies: readonly number[];
}

/** Plays a scenario to its end and until everything that follows from it has been dealt with. */
export async function play(query: PlayQuery): Promise<Played> {
  const player = new Player(query);
  const { main } = query.scenario;
  for (const index of main.steps.keys()) await player.step(index);
  await player.settleDown();
  return player.played();
}

class Player {
  readonly #query: PlayQuery;
  readonly #neglect = new NeglectWatch();
  readonly #latency = new LatencyWatch();
  readonly #frames: ChartFrame[] = [];
  /** {s} From the time of the path to that of the chain. */
  readonly #shift: bigint;
  readonly #heartbeat: bigint;
  #peakOpenInterestUsd = 0n;
  #prices: Prices;
  #publishedAt: bigint;
  /** Null before they go. */
  #keepersReturnAt: bigint | null = null;
  #areKeepersAway = false;
  /** Of all accounts after a price; of the distressed ones after later blocks. */
  #views: readonly AccountView[] = [];

  constructor(query: PlayQuery) {
    this.#query = query;
    const { scenario, chain } = query;
    const start = scenario.main.steps[0]?.timestamp ?? chain.now;
    this.#shift = greatest([0n, chain.now + BLOCK_SECONDS - start]);
    this.#heartbeat = heartbeatOf(scenario);
    this.#prices = pricesAt(scenario, 0);
    this.#publishedAt = chain.now;
  }

  async step(index: number): Promise<void> {
    const { chain, scenario, record, progress } = this.#query;
    const at = scenario.main.steps[index]?.timestamp ?? chain.now;
    const next = scenario.main.steps[index + 1]?.timestamp;
    await this.#keepFeedsAlive(at + this.#shift);
    const rounds = roundsBetween({
      from: { timestamp: this.#publishedAt, prices: this.#prices },
      to: { timestamp: at + this.#shift, prices: pricesAt(scenario, index) },
    });
    let distressedAccounts = 0;
    for (const [number, { timestamp, prices }] of rounds.entries()) {
      this.#prices = prices;
      await this.#publish(timestamp);
      const distressed = this.#views.filter(({ isDistressed }) => isDistressed).length;
      distressedAccounts = Math.max(distressedAccounts, distressed);
      if (distressed > 0) await this.#sendKeepersAway();
      const until =
        rounds[number + 1]?.timestamp ?? (next === undefined ? null : next + this.#shift);
      await this.#letKeepersAct(until);
    }
    const markets = await this.#readMarkets();
    const insurance = await insuranceUsd(this.#query.house);
    const slices = record.liquidations.length;
    this.#frames.push({
      timestamp: at,
      prices: this.#prices,
      distressedAccounts,
      liquidatedUsd: record.liquidatedUsd,
      slices,
      insuranceUsd: insurance,
      poolEquityUsd: poolEquityUsd(markets),
    });
    progress.update({
      steps: index + 1,
      timestamp: at,
      prices: this.#prices,
      distressedAccounts,
      slices,
      insuranceUsd: insurance,
      socializedUsd: record.socializedUsd,
    });
  }

  /** After the last price: positions of bankrupt accounts are sold or torn up, their losses booked, and guarded markets opened again. */
  async settleDown(): Promise<void> {
    const { chain } = this.#query;
    if (this.#areKeepersAway && this.#keepersReturnAt !== null) {
      await this.#keepFeedsAlive(this.#keepersReturnAt);
      await this.#publish(this.#keepersReturnAt);
    }
    for (let pauses = 0; pauses < MAX_END_PAUSES; pauses++) {
      const markets = await this.#readMarkets();
      const isDone = !markets.some((market) => hasLeftovers(market) || isRestricted(market));
      if (isDone && !this.#isAnybodyWaiting()) return;
      await this.#publish(chain.now + END_PAUSE);
      await this.#letKeepersAct(null);
    }
  }

  played(): Played {
    return {
      frames: this.#frames,
      peakOpenInterestUsd: this.#peakOpenInterestUsd,
      neglected: this.#neglect.neglected,
      latencies: this.#latency.samples,
    };
  }

  /** The feeds repeat their price when it has stood for a heartbeat, as real ones do. */
  async #keepFeedsAlive(until: bigint): Promise<void> {
    while (until - this.#publishedAt > this.#heartbeat) {
      const next = this.#publishedAt + this.#heartbeat;
      await this.#publish(next);
      await this.#letKeepersAct(least([next + this.#heartbeat, until]));
    }
  }

  async #publish(timestamp: bigint): Promise<void> {
    const { chain, house, accounts, maker } = this.#query;
    await maker?.quote({ prices: this.#prices, timestamp });
    await pushPrices({ chain, house, prices: this.#prices });
    await this.#mine(timestamp, accounts);
    this.#publishedAt = chain.now;
  }

  /** Once: from the first account in distress on. */
  async #sendKeepersAway(): Promise<void> {
    const { chain, keepers, keepersAbsentSeconds, progress } = this.#query;
    if (keepersAbsentSeconds === 0 || this.#keepersReturnAt !== null) return;
    this.#keepersReturnAt = chain.now + BigInt(keepersAbsentSeconds);
    this.#areKeepersAway = true;
    await keepers.pause();
    progress.note(
      `The first account is in distress, and no keeper runs for ${durationText(keepersAbsentSeconds)} …`,
    );
  }

  /** When they are to be back before `until`, in a block of their own. */
  async #callKeepersBack(until: bigint | null): Promise<void> {
    const { chain, keepers, accounts, progress } = this.#query;
    const at = this.#keepersReturnAt;
    if (!this.#areKeepersAway || at === null) return;
    if (until !== null && at >= until) return;
    if (at > chain.now) await this.#mine(at, accounts);
    this.#areKeepersAway = false;
    progress.note("The keepers are back.");
    await keepers.resume();
  }

  /** Blocks at the same price, as long as somebody waits for them. */
  async #letKeepersAct(until: bigint | null): Promise<void> {
    const { chain, keepers, accounts } = this.#query;
    await this.#callKeepersBack(until);
    if (this.#areKeepersAway) return;
    let quietBlocks = 0;
    for (let blocks = 0; blocks < MAX_BLOCKS_PER_PRICE; blocks++) {
      await keepers.untilIdle();
      const isSending = (await chain.pendingCount()) > 0;
      quietBlocks = isSending ? 0 : quietBlocks + 1;
      const isAuction =
        quietBlocks <= MAX_QUIET_BLOCKS &&
        (this.#isAnybodyInDistress() || this.#query.record.isCollateralForSale(chain.now));
      if (!isSending && !isAuction && !this.#isAnybodyWaiting()) return;
      const at = chain.now + secondsToBlock(blocks);
      if (until !== null && at >= until) return;
      const distressed = new Set(
        this.#views.filter(needsAttention).map(({ accountNumber }) => accountNumber),
      );
      await this.#mine(
        at,
        accounts.filter(({ plan }) => distressed.has(plan.accountNumber)),
      );
    }
  }

  async #mine(timestamp: bigint, watched: readonly BookAccount[]): Promise<void> {
    const { chain, house, record } = this.#query;
    const block = await chain.mine(timestamp);
    const acted = await record.add(block, block.timestamp - this.#shift);
    this.#views = await viewAccounts(house, watched);
    // Nobody can be blamed while nobody is there.
    const seen = { views: this.#areKeepersAway ? [] : this.#views, acted };
    this.#neglect.see({ block: block.number, ...seen });
    this.#latency.see({ minedAtMs: block.minedAtMs, ...seen });
  }

  #isAnybodyInDistress(): boolean {
    return this.#views.some(({ isDistressed }) => isDistressed);
  }

  #isAnybodyWaiting(): boolean {
    return this.#views.some(({ canBeActedOn, waitsForPacing }) => canBeActedOn || waitsForPacing);
  }

  async #readMarkets(): Promise<readonly MarketReport[]> {
    const markets = await readMarkets(this.#query.house);
    this.#peakOpenInterestUsd = greatest([this.#peakOpenInterestUsd, openInterestUsd(markets)]);
    return markets;
  }
}

/** {s} */
function secondsToBlock(number: number): bigint {
  const doublings = BigInt(Math.floor(number / BLOCKS_AT_ONE_PACE));
  return least([BLOCK_SECONDS << doublings, MAX_BLOCK_SECONDS]);
}

/** Positions of bankrupt accounts that are not sold yet, or losses that are not booked. Less than a lot, or than is booked, stays. */
function hasLeftovers({ inventory, state, terms }: MarketReport): boolean {
  return magnitude(inventory.size) >= terms.lotSize || state.pendingLossUsd >= LEAST_BOOKED_USD;
}

/** By the circuit breaker, which opens it again some time after the last price. */
function isRestricted({ state }: MarketReport): boolean {
  return state.mode === marketMode.ReduceOnly || state.mode === marketMode.Halted;
}

function needsAttention({ isDistressed, canBeActedOn }: AccountView): boolean {
  return isDistressed || canBeActedOn;
}

function pricesAt(scenario: PriceScenario, index: number): Prices {
  const price = (slot: MarketSlot) => {
    const step = scenario[slot].steps[index];
    if (step === undefined) throw new RangeError(`the ${slot} market has no price ${index}`);
    return step.price;
  };
  const [main, second] = MARKET_SLOTS;
  return { main: price(main), second: price(second) };
}
