import { ONE } from "../../../sdk/src/amounts.ts";
import type { Action } from "./action.ts";

/** What the keeper has last added to a market's regime for clusters. */
export interface RaisedCluster {
  /** D18{1} */
  readonly excess: bigint;
  /** {s} */
  readonly until: number;
}

export interface RaiseInput {
  readonly market: number;
  /** That the price reaches a stretch in which liquidations feed themselves, within the horizon. */
  readonly probability: number;
  /** Least probability that matters. */
  readonly raiseAbove: number;
  /** D18{1} Most that the component may add; 0: nothing. */
  readonly cap: bigint;
  /** Null when nothing of it stands. */
  readonly standing: RaisedCluster | null;
  readonly horizonSeconds: number;
  /** {s} */
  readonly now: number;
}

/** D18{1} The regime counts in whole percents. */
const PERCENT = ONE / 100n;
/** {s} Bounds of the contract. */
const SHORTEST_LIFETIME = 60;
const LONGEST_LIFETIME = 259_200;

/** Adds the cap's share of the probability to the market's regime for as long as the forecast reaches; none while that stands and has half of its time left. */
export function raiseOf(input: RaiseInput): Extract<Action, { kind: "raiseRegime" }> | null {
  const { market, probability, raiseAbove, cap, standing, horizonSeconds, now } = input;
  if (probability < raiseAbove || cap < PERCENT) return null;
  const lifetimeSeconds = Math.min(Math.max(horizonSeconds, SHORTEST_LIFETIME), LONGEST_LIFETIME);
  const percents = BigInt(Math.ceil(Number(cap / PERCENT) * Math.min(probability, 1)));
  const wanted = percents * PERCENT;
  // It cannot be lowered, only prolonged as it stands.
  const excess = standing !== null && standing.excess > wanted ? standing.excess : wanted;
  const isFresh = standing !== null && standing.until - now > lifetimeSeconds / 2;
  if (standing?.excess === excess && isFresh) return null;
  return { kind: "raiseRegime", market, excess, lifetimeSeconds };
}
