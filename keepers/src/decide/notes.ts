import type { AccountId } from "../../../sdk/src/accountId.ts";
import { bucketOf } from "../../../sdk/src/forecast/logBuckets.ts";
import type { Points } from "../forecast/positions.ts";
import type { Action } from "./action.ts";

/** A position on the chain's map, as it was noted. `price` 0: none. */
export interface MapEntry {
  readonly market: number;
  /** D18{USD/base} */
  readonly price: bigint;
  /** D18{USD} */
  readonly notionalUsd: bigint;
}

/** Buckets by which an entry may be off. Funding and ramps move all prices a little all the time. */
const TOLERATED_BUCKETS = 1;
/** One part in so many by which its notional may be. */
const TOLERATED_SHARE = 8n;

/** Accounts whose positions on the map are not where they are: opened, closed, moved. */
export function notesOf({
  points,
  entries,
  batchSize,
}: {
  /** Where positions of accounts that were looked up would be liquidated, the most important first. */
  readonly points: ReadonlyMap<AccountId, Points>;
  readonly entries: ReadonlyMap<AccountId, readonly MapEntry[]>;
  readonly batchSize: number;
}): Action[] {
  const accounts = [...points]
    .filter(([account, of]) => isOff(of, entries.get(account) ?? []))
    .map(([account]) => account)
    .slice(0, batchSize);
  return accounts.length === 0 ? [] : [{ kind: "noteAccounts", accounts }];
}

function isOff(points: Points, entries: readonly MapEntry[]): boolean {
  const noted = new Map(
    entries.filter(({ price }) => price !== 0n).map((entry) => [entry.market, entry]),
  );
  if ([...noted.keys()].some((market) => !points.has(market))) return true;
  return [...points].some(([market, { price, notionalUsd }]) => {
    const entry = noted.get(market);
    if (entry === undefined) return true;
    const apart = Math.abs(bucketOf(entry.price) - bucketOf(price));
    const difference = notionalUsd - entry.notionalUsd;
    const share = (difference < 0n ? -difference : difference) * TOLERATED_SHARE;
    return apart > TOLERATED_BUCKETS || share > notionalUsd;
  });
}
