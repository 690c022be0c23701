import { type AccountId, describeAccount, ownerOf } from "../../../sdk/src/accountId.ts";
import { formatD18, ONE } from "../../../sdk/src/amounts.ts";
import type { MarketNames } from "../../../sdk/src/errors.ts";
import {
  type ClusterForecast,
  clustersOf,
  type Density,
  forecastClusters,
} from "../../../sdk/src/forecast/cascade.ts";
import { BUCKETS_PER_DOUBLING, bucketOf } from "../../../sdk/src/forecast/logBuckets.ts";
import type { Direction } from "../../../sdk/src/forecast/touchTable.ts";
import type { Action } from "../decide/action.ts";
import { type MapEntry, notesOf } from "../decide/notes.ts";
import { type RaisedCluster, raiseOf } from "../decide/regime.ts";
import { messageOf, RetryableError } from "../failures.ts";
import type { Log } from "../log.ts";
import type { MapReader } from "../read/mapReader.ts";
import type { AccountReport, MarketReport } from "../read/reports.ts";
import { RpcError } from "../rpc/rpcError.ts";
import type { Block } from "../rpc/wire.ts";
import { isPriced } from "../watch/marketWatch.ts";
import type { Metrics } from "../watch/metrics.ts";
import { type Densities, densitiesOf, type Points, pointsOf } from "./positions.ts";
import type { ForecastTerms } from "./terms.ts";

const DIRECTIONS = ["fall", "rise"] as const;
/** Accounts whose entries are looked up, per one that may be noted. */
const LOOKED_UP = 4;

/** What is known of one block. */
export interface ForecastScene {
  /** Last judgement of every account with a position. */
  readonly known: ReadonlyMap<AccountId, AccountReport>;
  readonly markets: ReadonlyMap<number, MarketReport>;
  readonly head: Pick<Block, "number" | "timestamp">;
}

export interface ForecasterParts {
  readonly terms: ForecastTerms;
  readonly reader: MapReader;
  /** Whose own accounts are not liquidated as traders' are. */
  readonly house: string;
  /** Null: nothing is sent. */
  readonly wallet: string | null;
  readonly log: Log;
  readonly metrics: Pick<Metrics, "cascadeProbability" | "cascadePriceUsd" | "cascadeNotionalUsd">;
  readonly nameOf: MarketNames;
}

/** Now and then: where liquidations would feed themselves, how likely prices get there, which entries of the map are off, and by how much R is to rise. */
export class Forecaster {
  readonly #parts: ForecasterParts;
  #lastAt = Number.NEGATIVE_INFINITY;
  /** Where the next look at entries begins, beyond the largest positions. */
  #cursor = 0;
  /** Accounts with entries on the map, as far as seen. */
  readonly #noted = new Set<AccountId>();
  readonly #raised = new Map<number, RaisedCluster>();

  constructor(parts: ForecasterParts) {
    this.#parts = parts;
  }

  /** Nothing else waits for it: what could not be read is looked at the next time. */
  async decide(scene: ForecastScene): Promise<Action[]> {
    const { terms, log } = this.#parts;
    const now = scene.head.timestamp;
    if (now < this.#lastAt + terms.intervalSeconds) return [];
    this.#lastAt = now;
    try {
      const pools = new Set([...scene.markets.values()].map(({ terms: { pool } }) => pool));
      const points = new Map(
        [...scene.known]
          .filter(([account]) => !pools.has(account) && ownerOf(account) !== this.#parts.house)
          .map(([account, report]) => [account, pointsOf(report, scene.markets)]),
      );
      return [
        ...(await this.#raises(scene, densitiesOf(points))),
        ...(terms.notes ? await this.#notes(points, scene) : []),
      ];
    } catch (error) {
      if (!(error instanceof RetryableError || error instanceof RpcError)) throw error;
      log.warn({ msg: "Cascades could not be forecast", reason: messageOf(error) });
      return [];
    }
  }

  async #raises(scene: ForecastScene, index: Densities): Promise<Action[]> {
    const actions: Action[] = [];
    for (const [market, externalDepthUsd] of this.#parts.terms.depths) {
      const report = scene.markets.get(market);
      if (report === undefined || !isPriced(report)) continue;
      const clusters = await forecastMarket(this.#parts, {
        ...{ market, externalDepthUsd, price: report.price.price, block: scene.head.number },
        index,
      });
      this.#publish(market, clusters);
      const probability = Math.max(0, ...clusters.map((cluster) => cluster.probability));
      const action = await this.#raise(market, probability, scene.head);
      if (action !== null) actions.push(action);
    }
    return actions;
  }

  async #raise(
    market: number,
    probability: number,
    { number: block, timestamp: now }: ForecastScene["head"],
  ): Promise<Action | null> {
    const { terms, reader, wallet, log, nameOf } = this.#parts;
    const { raiseAbove, horizonSeconds } = terms;
    if (raiseAbove === null || probability < raiseAbove) return null;
    const { cap, regime } = await reader.regime(market, block);
    const name = nameOf(BigInt(market));
    if (cap === 0n) {
      log.warn({
        msg: "R is not raised: the market's cluster component may add nothing",
        ...{ market: name, probability },
      });
      return null;
    }
    // What was sent and did not come, or is gone, does not stand.
    const raised = this.#raised.get(market) ?? null;
    const standing =
      raised !== null && raised.until > now && regime >= ONE + raised.excess ? raised : null;
    const action = raiseOf({
      ...{ market, probability, raiseAbove, cap, standing, horizonSeconds, now },
    });
    if (action === null) return null;
    if (wallet !== null) {
      const refusal = await reader.refusalToRaise(wallet, block);
      if (refusal !== null) {
        log.error({ msg: "R should be raised and cannot be", market: name, probability, refusal });
        return null;
      }
    }
    const { excess, lifetimeSeconds } = action;
    this.#raised.set(market, { excess, until: now + lifetimeSeconds });
    log.warn({
      msg: "R is raised: liquidations may feed themselves",
      ...{ market: name, probability, excess: formatD18(excess), lifetimeSeconds },
    });
    return action;
  }

  async #notes(points: ReadonlyMap<AccountId, Points>, { head }: ForecastScene): Promise<Action[]> {
    const { reader, terms, log } = this.#parts;
    const candidates = this.#candidates(points);
    const entries = new Map<AccountId, readonly MapEntry[]>();
    const markets = [...terms.depths.keys()];
    for (const [account, of] of candidates) {
      const found = await reader.entries(account, new Set([...markets, ...of.keys()]), head.number);
      entries.set(account, found);
      if (found.some(({ price }) => price !== 0n)) this.#noted.add(account);
      else this.#noted.delete(account);
    }
    const actions = notesOf({ points: candidates, entries, batchSize: terms.batchSize });
    for (const action of actions) {
      if (action.kind !== "noteAccounts") continue;
      log.debug({
        msg: "Entries of the map are off",
        accounts: action.accounts.map(describeAccount),
      });
    }
    return actions;
  }

  /** Those that have left, then the largest positions, then of all others a few at a time. */
  #candidates(points: ReadonlyMap<AccountId, Points>): Map<AccountId, Points> {
    const count = this.#parts.terms.batchSize * LOOKED_UP;
    const gone = [...this.#noted].filter((account) => (points.get(account)?.size ?? 0) === 0);
    const ordered = [...points]
      .filter(([, of]) => of.size > 0)
      .map(([account, of]) => ({ account, of, notionalUsd: largestOf(of) }))
      .sort((a, b) => (a.notionalUsd < b.notionalUsd ? 1 : -1));
    const top = ordered.slice(0, count / 2);
    const rest = ordered.slice(count / 2);
    if (this.#cursor >= rest.length) this.#cursor = 0;
    const some = rest.slice(this.#cursor, this.#cursor + count / 2);
    this.#cursor += count / 2;
    return new Map<AccountId, Points>([
      ...gone.map((account): [AccountId, Points] => [account, new Map()]),
      ...[...top, ...some].map(({ account, of }): [AccountId, Points] => [account, of]),
    ]);
  }

  #publish(market: number, clusters: readonly ClusterForecast[]): void {
    const { log, metrics, nameOf } = this.#parts;
    const name = nameOf(BigInt(market));
    for (const direction of DIRECTIONS) {
      const labels = { market: name, direction };
      const [nearest] = clusters.filter((cluster) => cluster.direction === direction);
      metrics.cascadeProbability.set(labels, nearest?.probability ?? 0);
      metrics.cascadePriceUsd.set(labels, nearest?.fromPrice ?? 0);
      metrics.cascadeNotionalUsd.set(labels, nearest?.notionalUsd ?? 0);
      if (nearest === undefined) continue;
      log.info({ msg: "Liquidations would feed themselves", market: name, ...nearest });
    }
  }
}

/** A market's clusters to both sides, the nearest of each first. */
export async function forecastMarket(
  { terms, reader }: Pick<ForecasterParts, "terms" | "reader">,
  asked: {
    readonly market: number;
    readonly externalDepthUsd: number;
    /** D18{USD/base} */
    readonly price: bigint;
    readonly block: number;
    /** Of the keeper's own accounts; null: only the map is there to ask. */
    readonly index: Densities | null;
  },
): Promise<ClusterForecast[]> {
  const { market, externalDepthUsd, price, block, index } = asked;
  const variance = await reader.variance(market, block);
  const deviation = Math.sqrt(variance * terms.horizonSeconds);
  const clusters = await Promise.all(
    DIRECTIONS.map(async (direction) => {
      const density =
        index !== null && terms.source === "index"
          ? (index.get(market)?.[direction] ?? new Map<number, number>())
          : await mappedDensity(reader, { market, direction, price, block });
      return clustersOf({ direction, density, price, externalDepthUsd });
    }),
  );
  return forecastClusters(clusters.flat(), { table: terms.table, deviation });
}

/** What the map has within half and twice the price. */
function mappedDensity(
  reader: MapReader,
  place: { market: number; direction: Direction; price: bigint; block: number },
): Promise<Density> {
  const { market, direction, price, block } = place;
  const first = bucketOf(price) - BUCKETS_PER_DOUBLING;
  return reader.density({ market, direction, first, count: 2 * BUCKETS_PER_DOUBLING + 1 }, block);
}

function largestOf(points: Points): bigint {
  let largest = 0n;
  for (const { notionalUsd } of points.values()) {
    if (notionalUsd > largest) largest = notionalUsd;
  }
  return largest;
}
