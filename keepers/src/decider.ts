import type { AccountId } from "../../sdk/src/accountId.ts";
import type { Action } from "./decide/action.ts";
import { inventoryActionsOf, resolutionsOf, touchesOf } from "./decide/defaults.ts";
import { liquidationsOf } from "./decide/liquidations.ts";
import { marketsToTime, marksOf } from "./decide/marks.ts";
import { executableOrders, executionsOf, type OrderTerms, removalsOf } from "./decide/orders.ts";
import { poolActionsOf } from "./decide/pools.ts";
import { losersOf, settlementsOf } from "./decide/settlements.ts";
import {
  inventoryOffersOf,
  type Offer,
  offersOf,
  type TakeOverTerms,
  takeOversOf,
} from "./decide/takeOvers.ts";
import { unloadsOf } from "./decide/unloads.ts";
import type { HouseReader } from "./read/houseReader.ts";
import type { AccountReport, Judge, MarketReport } from "./read/reports.ts";
import type { Block } from "./rpc/wire.ts";
import type { ChainStore, OpenOrder } from "./store/chainStore.ts";
import { isPriced } from "./watch/marketWatch.ts";

export interface DecisionSettings {
  readonly batchSize: number;
  /** D18{USD} */
  readonly settleAboveUsd: bigint;
  readonly housekeeping: boolean;
  /** Null: nothing is taken over. */
  readonly takeOver: TakeOverTerms | null;
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

/** {s} Between two searches for losers to settle. */
const SETTLE_PAUSE_SECONDS = 60;
/** {s} For how long a take-over is good: a few blocks. */
const TAKE_OVER_SECONDS = 30;

/** Gathers what a block calls for, most urgent first. Of what concerns one account the first that works is sent, and the rest decided anew after it. */
export class Decider {
  readonly #settings: DecisionSettings;
  readonly #store: Pick<ChainStore, "openOrders" | "openPoolRequests">;
  readonly #house: HouseReader;
  readonly #judge: Pick<Judge, "accounts">;
  #lastSettleAt = 0;

  constructor({
    settings,
    store,
    house,
    judge,
  }: {
    settings: DecisionSettings;
    store: Pick<ChainStore, "openOrders" | "openPoolRequests">;
    house: HouseReader;
    judge: Pick<Judge, "accounts">;
  }) {
    this.#settings = settings;
    this.#store = store;
    this.#house = house;
    this.#judge = judge;
  }

  async decide(scene: Scene): Promise<Action[]> {
    const { reports, known, markets, head } = scene;
    const { batchSize, housekeeping, takeOver: terms } = this.#settings;
    const now = head.timestamp;
    const liquidations = liquidationsOf({ reports, markets, batchSize });
    const resolutions = resolutionsOf({
      reports,
      losers: reports.some(({ resolvable }) => resolvable) ? losersOf(known.values(), markets) : [],
    });
    const taker = terms === null ? null : await this.#readTaker(terms, head);
    const orders = this.#store.openOrders();
    const orderTerms = await this.#orderTerms(orders, taker, head);
    const executable = executableOrders({ orders, markets, terms: orderTerms, now });
    const earning = [
      ...touchesOf(reports),
      ...resolutions,
      ...liquidations,
      ...this.#takeOvers(offersOf(reports), taker, scene),
      ...executionsOf({ orders: executable, batchSize }),
    ];
    const marks = terms === null ? [] : await this.#marks(reports, head);
    const inventory = housekeeping ? inventoryActionsOf(markets.values()) : [];
    const unloads =
      terms === null || taker === null
        ? []
        : unloadsOf({ taker, terms, markets, orders, orderTerms, now });
    return [
      ...earning,
      ...marks,
      ...inventory.filter(({ kind }) => kind !== "tearUp"),
      ...(await this.#inventoryTakeOvers(taker, scene)),
      ...inventory.filter(({ kind }) => kind === "tearUp"),
      ...unloads,
      ...(housekeeping ? await this.#housekeeping(scene, orders) : []),
    ];
  }

  async #housekeeping(scene: Scene, orders: readonly OpenOrder[]): Promise<Action[]> {
    const now = scene.head.timestamp;
    return [
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

  #takeOvers(offers: readonly Offer[], taker: AccountReport | null, scene: Scene): Action[] {
    const terms = this.#settings.takeOver;
    if (terms === null || taker === null) return [];
    return takeOversOf({
      offers,
      terms,
      taker,
      markets: scene.markets,
      deadline: deadlineAfter(scene.head),
    }).flatMap((answer) => ("action" in answer ? [answer.action] : []));
  }

  async #inventoryTakeOvers(taker: AccountReport | null, scene: Scene): Promise<Action[]> {
    if (taker === null) return [];
    const stocked = [...scene.markets.values()].filter(({ inventory }) => inventory.size !== 0n);
    if (stocked.length === 0) return [];
    const accounts = await this.#house.resolutionAccounts(
      stocked.map(({ market }) => Number(market)),
    );
    return this.#takeOvers(inventoryOffersOf(stocked, accounts), taker, scene);
  }

  async #marks(reports: readonly AccountReport[], head: Block): Promise<Action[]> {
    const markets = marketsToTime(reports);
    const auctionSeconds =
      markets.size === 0 ? new Map() : await this.#house.auctionSeconds(markets, head.number);
    return marksOf({ reports, now: head.timestamp, auctionSeconds });
  }

  async #settlements({ known, markets, head }: Scene): Promise<Action[]> {
    if (head.timestamp < this.#lastSettleAt + SETTLE_PAUSE_SECONDS) return [];
    this.#lastSettleAt = head.timestamp;
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

/** {s} A head may be old where blocks come only when they are used; then the clock on the wall counts. */
function deadlineAfter({ timestamp }: Block): bigint {
  return BigInt(Math.max(timestamp, Math.floor(Date.now() / 1_000)) + TAKE_OVER_SECONDS);
}
