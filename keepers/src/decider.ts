import type { AccountId } from "../../sdk/src/accountId.ts";
import type { CreditDesk } from "./creditDesk.ts";
import type { Action } from "./decide/action.ts";
import {
  type BackstopOffer,
  backstopInventoryOf,
  backstopOffersOf,
  backstopTakesOf,
  backstopUnwindsOf,
  marketsToPace,
} from "./decide/backstop.ts";
import { type BreakerCondition, breakerActionsOf, tripsOf } from "./decide/breaker.ts";
import { coverageActionsOf } from "./decide/coverage.ts";
import { inventoryActionsOf, resolutionsOf, touchesOf } from "./decide/defaults.ts";
import { distributionsOf } from "./decide/distributions.ts";
import { liquidationsOf } from "./decide/liquidations.ts";
import { refreshesOf } from "./decide/margins.ts";
import { dueMarksOf, marketsToTime, marksOf } from "./decide/marks.ts";
import { type MatchPlan, matchCandidatesOf, matchesOf } from "./decide/matches.ts";
import { executableOrders, executionsOf, type OrderTerms, removalsOf } from "./decide/orders.ts";
import { poolActionsOf } from "./decide/pools.ts";
import { failingPoolsOf, poolTearUpsOf } from "./decide/poolTearUps.ts";
import { losersOf, settlementsOf } from "./decide/settlements.ts";
import {
  type AnswerContext,
  inventoryOffersOf,
  type Offer,
  offersOf,
  type TakeOverTerms,
  takeOversOf,
} from "./decide/takeOvers.ts";
import { unloadsOf } from "./decide/unloads.ts";
import { answerToWhole, wholeOffersOf } from "./decide/wholeTakeOvers.ts";
import {
  type EndedPool,
  endedSettlementsOf,
  isWoundDown,
  pokesOf,
  windDownsOf,
} from "./decide/windDowns.ts";
import type { Forecaster } from "./forecast/forecaster.ts";
import type { OrderFile } from "./orders/orderFile.ts";
import type { BackstopReader } from "./read/backstopReader.ts";
import type { HouseReader } from "./read/houseReader.ts";
import type { OrderReader } from "./read/orderReader.ts";
import type { AccountReport, Judge, MarketReport } from "./read/reports.ts";
import type { Block } from "./rpc/wire.ts";
import type { ChainStore, OpenOrder } from "./store/chainStore.ts";
import { isPriced } from "./watch/marketWatch.ts";
import { MarkWatch } from "./watch/markWatch.ts";

export interface DecisionSettings {
  readonly batchSize: number;
  /** D18{USD} */
  readonly settleAboveUsd: bigint;
  readonly distributeAboveUsd: bigint;
  readonly housekeeping: boolean;
  /** Whether the circuit breaker is tripped where a trigger's condition holds. */
  readonly tripBreaker: boolean;
  /** Null: nothing is taken over. */
  readonly takeOver: TakeOverTerms | null;
  /** Whether distress clocks are started and stopped. */
  readonly mark: boolean;
  /** Whether the backstop is called. */
  readonly backstop: boolean;
}

/** What is known of one block. */
export interface Scene {
  /** Accounts looked at in this block. */
  readonly reports: readonly AccountReport[];
  /** Last judgement of every account with a position. */
  readonly known: ReadonlyMap<AccountId, AccountReport>;
  readonly markets: ReadonlyMap<number, MarketReport>;
  readonly head: Block;
}

export interface DeciderParts {
  readonly settings: DecisionSettings;
  readonly store: Pick<ChainStore, "openOrders" | "openPoolRequests">;
  readonly house: HouseReader;
  readonly judge: Pick<Judge, "accounts">;
  readonly backstop: BackstopReader;
  /** Null: liquidations go to the pool. */
  readonly orderFile: Pick<OrderFile, "orders"> | null;
  readonly signedOrders: OrderReader;
  readonly credit: Pick<CreditDesk, "decide">;
  /** Null: nothing is forecast. */
  readonly forecaster: Pick<Forecaster, "decide"> | null;
}

/** {s} Between two searches for losers to settle. */
const SETTLE_PAUSE_SECONDS = 60;
/** {s} Between two looks at what tranches would share. */
const DISTRIBUTION_PAUSE_SECONDS = 86_400;
/** {s} For how long a take-over is good: a few blocks. */
const TAKE_OVER_SECONDS = 30;

/** Gathers what a block calls for, most urgent first. Of what concerns one account the first that works is sent, and the rest decided anew after it. */
export class Decider {
  readonly #settings: DecisionSettings;
  readonly #store: DeciderParts["store"];
  readonly #house: HouseReader;
  readonly #judge: DeciderParts["judge"];
  readonly #backstop: BackstopReader;
  readonly #orderFile: DeciderParts["orderFile"];
  readonly #signedOrders: OrderReader;
  readonly #credit: DeciderParts["credit"];
  readonly #forecaster: DeciderParts["forecaster"];
  readonly #markWatch = new MarkWatch();
  /** Null until they have been looked at. */
  #markedPools: ReadonlySet<AccountId> | null = null;
  /** {s} When each market was last sampled for the circuit breaker. */
  readonly #sampledAt = new Map<number, number>();
  #lastSettleAt = 0;
  #lastDistributionAt = 0;

  constructor(parts: DeciderParts) {
    const { settings, store, house, judge, backstop, orderFile, signedOrders, credit, forecaster } =
      parts;
    this.#settings = settings;
    this.#store = store;
    this.#house = house;
    this.#judge = judge;
    this.#backstop = backstop;
    this.#orderFile = orderFile;
    this.#signedOrders = signedOrders;
    this.#credit = credit;
    this.#forecaster = forecaster;
  }

  /** Accounts that have to be looked at now though their margin gives no cause. */
  accountsToJudge(now: number): readonly AccountId[] {
    return this.#markWatch.take(now);
  }

  async decide(scene: Scene): Promise<Action[]> {
    const { reports, known, markets, head } = scene;
    const { batchSize, housekeeping, takeOver: terms } = this.#settings;
    const now = head.timestamp;
    const liquidations = liquidationsOf({ reports, markets, batchSize });
    const pools = await this.#poolsToJudge(scene);
    const defaulting = [...reports, ...pools].filter(({ resolvable }) => resolvable);
    const resolutions = resolutionsOf({
      reports: defaulting,
      losers: defaulting.length > 0 ? losersOf(known.values(), markets) : [],
    });
    const taker = terms === null ? null : await this.#readTaker(terms, head);
    const orders = this.#store.openOrders();
    const orderTerms = await this.#orderTerms(orders, taker, head);
    const executable = executableOrders({ orders, markets, terms: orderTerms, now });
    const marks = await this.#marks(reports, pools, head);
    const unloads =
      terms === null || taker === null
        ? []
        : unloadsOf({ taker, terms, markets, orders, orderTerms, now });
    return [
      ...touchesOf(reports),
      ...resolutions,
      ...(await this.#matches(reports, head)),
      ...liquidations,
      ...this.#takeOvers(reports, taker, scene),
      ...executionsOf({ orders: executable, batchSize }),
      ...(await this.#credit.decide(head)),
      ...marks,
      ...(await this.#backstopTakes(reports, head)),
      ...(await this.#inventory(taker, scene)),
      ...unloads,
      ...(await this.#backstopUnwinds(scene)),
      ...(housekeeping ? await this.#housekeeping(scene, orders) : []),
      ...(await this.#breakers(scene)),
      ...(this.#forecaster === null ? [] : await this.#forecaster.decide(scene)),
    ];
  }

  async #housekeeping(scene: Scene, orders: readonly OpenOrder[]): Promise<Action[]> {
    const now = scene.head.timestamp;
    return [
      ...(await this.#coverage(scene)),
      ...(await this.#refreshes(scene)),
      ...(await this.#settlements(scene)),
      ...poolActionsOf({ requests: this.#store.openPoolRequests(), now }),
      ...removalsOf({ orders, now, batchSize: this.#settings.batchSize }),
    ];
  }

  async #readTaker({ account }: TakeOverTerms, head: Block): Promise<AccountReport | null> {
    const [report] = await this.#judge.accounts([account], head.number);
    return report ?? null;
  }

  async #orderTerms(
    orders: readonly OpenOrder[],
    taker: AccountReport | null,
    head: Block,
  ): Promise<ReadonlyMap<number, OrderTerms>> {
    const markets = new Set([
      ...orders.map(({ market }) => market),
      ...(taker?.positions ?? []).map(({ market }) => Number(market)),
    ]);
    return markets.size === 0 ? new Map() : this.#house.orderTerms(markets, head.number);
  }

  async #matches(reports: readonly AccountReport[], head: Block): Promise<Action[]> {
    if (this.#orderFile === null) return [];
    const orders = this.#orderFile.orders();
    const candidates = matchCandidatesOf({ reports, orders, now: head.timestamp });
    const plans = await Promise.all(
      candidates.map(async (candidate): Promise<MatchPlan[]> => {
        const answer = await this.#signedOrders.planFor(candidate, head.number);
        return "plan" in answer ? [{ candidate, plan: answer.plan }] : [];
      }),
    );
    return matchesOf(plans.flat());
  }

  /** Of each account what earns most, alone or as a whole; among accounts the largest discount per notional first. */
  #takeOvers(
    reports: readonly AccountReport[],
    taker: AccountReport | null,
    scene: Scene,
  ): Action[] {
    const context = this.#answerContext(taker, scene);
    if (context === null) return [];
    const parts = partsOf(offersOf(reports), context);
    const wholes = new Map(
      wholeOffersOf(reports).flatMap((offer) => {
        const answer = answerToWhole(offer, context);
        return "action" in answer ? [[offer.account, answer.action]] : [];
      }),
    );
    const better = parts.filter(({ account, rewardUsd }) => {
      const whole = wholes.get(account);
      return whole === undefined || rewardUsd >= whole.rewardUsd;
    });
    return [...better, ...wholes.values()];
  }

  #answerContext(taker: AccountReport | null, scene: Scene): AnswerContext | null {
    const terms = this.#settings.takeOver;
    if (terms === null || taker === null) return null;
    return { terms, taker, markets: scene.markets, deadline: deadlineAfter(scene.head) };
  }

  /** What the house itself holds or has to book, by each way in turn. Tear-up is the last. */
  async #inventory(taker: AccountReport | null, scene: Scene): Promise<Action[]> {
    const { housekeeping, backstop } = this.#settings;
    const own = housekeeping ? inventoryActionsOf(scene.markets.values()) : [];
    const stocked = [...scene.markets.values()].filter(({ inventory }) => inventory.size !== 0n);
    const context = this.#answerContext(taker, scene);
    const taken: Action[] = [];
    if (stocked.length > 0 && (context !== null || backstop)) {
      const ids = stocked.map(({ market }) => Number(market));
      const accounts = await this.#house.resolutionAccounts(ids);
      if (context !== null) taken.push(...partsOf(inventoryOffersOf(stocked, accounts), context));
      if (backstop)
        taken.push(...(await this.#bidsOf(backstopInventoryOf(stocked, accounts), scene.head)));
    }
    return [
      ...own.filter(({ kind }) => kind !== "tearUp"),
      ...taken,
      ...own.filter(({ kind }) => kind === "tearUp"),
      ...(housekeeping ? poolTearUpsOf(scene.markets.values()) : []),
    ];
  }

  /** Pools that fail, whose distress clock runs, and at the start all of them. The index knows nothing of pools. */
  async #poolsToJudge({ markets, head }: Scene): Promise<readonly AccountReport[]> {
    const all = [...markets.values()].map(({ terms }) => terms.pool);
    const due = new Set([...failingPoolsOf(markets.values()), ...(this.#markedPools ?? all)]);
    if (due.size === 0) return [];
    const reports = await this.#judge.accounts([...due], head.number);
    this.#markedPools = new Set(
      reports.filter(({ distress }) => distress.startedAt !== 0n).map(({ account }) => account),
    );
    return reports;
  }

  async #backstopTakes(reports: readonly AccountReport[], head: Block): Promise<Action[]> {
    if (!this.#settings.backstop) return [];
    const markets = marketsToPace(reports);
    if (markets.size === 0) return [];
    const waits = await this.#house.backstopWaits(markets, head.number);
    return this.#bidsOf(backstopOffersOf({ reports, waits, now: head.timestamp }), head);
  }

  /** Those of the offers that the backstop would take. */
  async #bidsOf(offers: readonly BackstopOffer[], head: Block): Promise<Action[]> {
    const refusals = await Promise.all(
      offers.map((offer) => this.#backstop.refusalOf(offer, head.number)),
    );
    return backstopTakesOf(offers.filter((_, i) => refusals[i] === null));
  }

  async #backstopUnwinds({ known, head }: Scene): Promise<Action[]> {
    if (!this.#settings.backstop) return [];
    const held = known.get(this.#backstop.account)?.positions ?? [];
    const slices = await Promise.all(
      held
        .filter(({ size }) => size !== 0n)
        .map(({ market }) => this.#backstop.sliceOf(Number(market), head.number)),
    );
    return backstopUnwindsOf(
      slices.filter((slice) => slice !== null),
      head.timestamp,
    );
  }

  async #marks(
    accounts: readonly AccountReport[],
    pools: readonly AccountReport[],
    head: Block,
  ): Promise<Action[]> {
    if (!this.#settings.mark) return [];
    const reports = [...accounts, ...pools];
    const markets = marketsToTime(reports);
    const auctionSeconds =
      markets.size === 0 ? new Map() : await this.#house.auctionSeconds(markets, head.number);
    const due = dueMarksOf({ reports, now: head.timestamp, auctionSeconds });
    const ids = new Set(pools.map(({ account }) => account));
    const ofAccounts = due.filter(({ account }) => !ids.has(account));
    this.#markWatch.note(accounts, ofAccounts, auctionSeconds);
    return marksOf(due);
  }

  async #coverage({ markets, head }: Scene): Promise<Action[]> {
    const priced = [...markets].filter(([, report]) => isPriced(report)).map(([market]) => market);
    return coverageActionsOf(await this.#house.coverage(priced, head.number));
  }

  async #refreshes({ markets, head }: Scene): Promise<Action[]> {
    const multipliers = await this.#house.multipliers(markets.keys(), head.number);
    return refreshesOf(multipliers, head.timestamp);
  }

  /** Last of all: what a move calls for is sent before a halt stops it. */
  async #breakers({ markets, head }: Scene): Promise<Action[]> {
    const { housekeeping, tripBreaker } = this.#settings;
    if (!housekeeping && !tripBreaker) return [];
    const conditions = await this.#house.breakers(markets.keys(), head.number);
    return [
      ...(tripBreaker ? tripsOf(conditions) : []),
      ...(housekeeping ? this.#relaxed(conditions, head.timestamp) : []),
    ];
  }

  #relaxed(conditions: ReadonlyMap<number, BreakerCondition>, now: number): Action[] {
    const actions = breakerActionsOf(conditions, now, this.#sampledAt);
    for (const action of actions) {
      if (action.kind === "sampleBreaker") this.#sampledAt.set(action.market, now);
    }
    return actions;
  }

  /** Ends that are due, and what is left in markets that have ended. */
  async #ends({ known, markets, head }: Scene): Promise<Action[]> {
    const now = head.timestamp;
    const terms = await this.#house.windDowns(markets.keys(), head.number);
    const ended = [...markets].filter(([, report]) => isWoundDown(report));
    const pools = new Map<number, EndedPool>();
    if (ended.length > 0) {
      const books = await this.#house.books(
        ended.map(([market]) => market),
        head.number,
      );
      for (const [market, report] of ended) {
        const quoteUsd = books.markets.get(market)?.poolQuote ?? 0n;
        pools.set(market, { account: report.terms.pool, quoteUsd });
      }
    }
    const { batchSize } = this.#settings;
    return [
      ...windDownsOf({ markets, terms, now }),
      ...pokesOf({
        markets,
        storedAt: await this.#house.storedAt(markets.keys(), head.number),
        now,
      }),
      ...endedSettlementsOf({ reports: known.values(), markets, terms, pools, now, batchSize }),
    ];
  }

  async #settlements(scene: Scene): Promise<Action[]> {
    const { known, markets, head } = scene;
    if (head.timestamp < this.#lastSettleAt + SETTLE_PAUSE_SECONDS) return [];
    this.#lastSettleAt = head.timestamp;
    return [
      ...(await this.#ends(scene)),
      ...(await this.#losses(known, markets, head)),
      ...(await this.#distributions(markets, head)),
    ];
  }

  /** Once a day, and when the process starts. */
  async #distributions(markets: Scene["markets"], head: Block): Promise<Action[]> {
    if (head.timestamp < this.#lastDistributionAt + DISTRIBUTION_PAUSE_SECONDS) return [];
    this.#lastDistributionAt = head.timestamp;
    return distributionsOf({
      tranches: await this.#house.tranches(markets.keys(), head.number),
      leastUsd: this.#settings.distributeAboveUsd,
    });
  }

  async #losses(known: Scene["known"], markets: Scene["markets"], head: Block): Promise<Action[]> {
    const { settleAboveUsd, batchSize } = this.#settings;
    const prices = [...markets].filter(([, report]) => isPriced(report)).map(([market]) => market);
    return settlementsOf({
      reports: known.values(),
      markets,
      windows: await this.#house.windows(prices, head.number),
      leastUsd: settleAboveUsd,
      batchSize,
    });
  }
}

/** What is taken of the offers. */
function partsOf(offers: readonly Offer[], context: AnswerContext) {
  return takeOversOf({ offers, ...context }).flatMap((answer) =>
    "action" in answer ? [answer.action] : [],
  );
}

/** {s} A head may be old where blocks come only when they are used; then the clock on the wall counts. */
function deadlineAfter({ timestamp }: Block): bigint {
  return BigInt(Math.max(timestamp, Math.floor(Date.now() / 1_000)) + TAKE_OVER_SECONDS);
}
