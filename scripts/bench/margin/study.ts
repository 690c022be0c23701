import { ONE } from "../../../sdk/src/amounts.ts";
import { askedMultiplier, maintenanceMultiplier } from "../../../sdk/src/math/marginMultiplier.ts";
import {
  observeRound,
  type PriceHistory,
  type Round,
  type RoundStatus,
} from "../../../sdk/src/math/priceHistory.ts";
import { max } from "../../../sdk/src/math/solidity.ts";
import { combined } from "../../../sdk/src/math/volatilityMath.ts";
import type { PriceStep } from "../../demo/prices/path.ts";
import { walkBars } from "../../demo/prices/walk.ts";
import { HISTORY_TERMS, WARM_UP_HOURS } from "../prices/history.ts";
import type { Hour } from "../prices/hours.ts";
import {
  advanceFloat,
  combinedFloat,
  type FloatVariances,
  multiplierFloat,
  relativeError,
} from "./reference.ts";

/** Terms of the large markets: what the parameters of a local network ask of them. */
export const MARGIN_TERMS = {
  initialMargin: (5n * ONE) / 100n,
  maintenanceMargin: (3n * ONE) / 100n,
  multiplier: ONE,
  maxMultiplier: 3n * ONE,
  deviations: 2n * ONE,
  horizonSeconds: 3_600n,
};

/** Least hours of a file, those included. */
export const FEWEST_HOURS = 48;

const D18 = 1e18;
/** What the bad print multiplies the price by: beyond the band of one round. */
const BAD_PRINT = { numerator: 13n, denominator: 10n };
/** {s}, from the round before to the bad print, and from there to the round that has the price right again. */
const PRINT_SECONDS = 5n;

/** How a margin rate fared against the hours that followed it. Rates and moves are shares of the notional. */
export interface MarginFigures {
  readonly meanRate: number;
  readonly breaches: number;
  readonly breachesPer10000Hours: number;
  /** How far the worst hour went beyond the rate at its start; 0 when none did. */
  readonly worstExcess: number;
  /** Largest rate over the one an hour before. */
  readonly largestOneHourJump: number;
}

export interface MarginStudy {
  readonly hours: number;
  readonly static: MarginFigures;
  readonly adaptive: MarginFigures;
  /** Initial margin follows at once: only how it moves, as multiples of its calm rate. */
  readonly initialMultiplier: { readonly mean: number; readonly largestOneHourJump: number };
  /** Largest differences of the fixed-point computation from a floating-point one over the same rounds. */
  readonly fixedPointError: {
    readonly volatility: number;
    readonly multiplier: number;
    readonly samples: number;
  };
  /** One round at 1.3 times the price, in the middle of the file, the right price 5 s later. */
  readonly badPrint: {
    readonly status: RoundStatus;
    /** Whether variances and multipliers were the same after it, and after the round that followed. */
    readonly changesNothing: boolean;
    /** Largest share by which any later hour's rate differs: the clock does not count the seconds of a jump. */
    readonly largestLaterDifference: number;
  };
}

/** What the market's terms make of every hour of a file. */
interface Follower {
  readonly history: PriceHistory | null;
  readonly float: FloatVariances;
  /** D18{1}, ρ at once, and as it acts on maintenance margin, at `at`. */
  readonly asked: bigint;
  readonly acting: bigint;
  readonly at: bigint;
}

interface HourRates {
  readonly maintenance: number;
  readonly initial: number;
  /** The worse of the two moves within the hour that followed. */
  readonly move: number;
}

/** Static against adaptive maintenance margin over the same hours, at equal mean. */
export function studyMargins(hours: readonly Hour[], intervalSeconds: bigint): MarginStudy {
  const errors = { volatility: 0, multiplier: 0, samples: 0 };
  const plain = follow({ hours, intervalSeconds, printAt: null, errors });
  const judged = plain.rates.slice(WARM_UP_HOURS);
  const adaptive = judged.map(({ maintenance }) => maintenance);
  const moves = judged.map(({ move }) => move);
  const mean = meanOf(adaptive);
  const initial = judged.map((hour) => hour.initial);
  const printAt = Math.floor(hours.length / 2);
  const spoiled = follow({ hours, intervalSeconds, printAt, errors: null });
  const later = spoiled.rates.map(({ maintenance }, hour) => {
    const right = plain.rates[hour]?.maintenance ?? maintenance;
    return Math.abs(maintenance - right) / right;
  });
  return {
    hours: judged.length,
    static: figuresOf(
      moves.map(() => mean),
      moves,
    ),
    adaptive: figuresOf(adaptive, moves),
    initialMultiplier: { mean: meanOf(initial), largestOneHourJump: largestJump(initial) },
    fixedPointError: errors,
    badPrint: {
      status: spoiled.print?.status ?? "valid",
      changesNothing: spoiled.print?.changesNothing ?? false,
      largestLaterDifference: Math.max(...later),
    },
  };
}

function follow(run: {
  readonly hours: readonly Hour[];
  readonly intervalSeconds: bigint;
  /** Hour into which the bad print falls. */
  readonly printAt: number | null;
  readonly errors: { volatility: number; multiplier: number; samples: number } | null;
}) {
  const { hours, intervalSeconds, printAt, errors } = run;
  let state: Follower = {
    ...{ history: null, float: { slow: 0, fast: 0 } },
    ...{ asked: ONE, acting: ONE, at: hours[0]?.start ?? 0n },
  };
  let print: { status: RoundStatus; changesNothing: boolean } | null = null;
  let roundId = 0n;
  const see = (step: PriceStep): RoundStatus => {
    roundId += 1n;
    const round = { roundId, price: step.price, publishedAt: step.timestamp };
    const seen = observe(state, round);
    state = seen.state;
    if (errors !== null && state.history !== null) noteErrors(state, errors);
    return seen.status;
  };
  const rates = hours.map((hour, index): HourRates => {
    const rate = rateAt(state, hour.start);
    for (const [at, step] of walkBars({ bars: hour.bars, intervalSeconds }).entries()) {
      see(step);
      if (index !== printAt || at !== 0) continue;
      const before = state;
      const price = (step.price * BAD_PRINT.numerator) / BAD_PRINT.denominator;
      const status = see({ timestamp: step.timestamp + PRINT_SECONDS, price });
      const unmoved = isSame(before, state);
      see({ timestamp: step.timestamp + 2n * PRINT_SECONDS, price: step.price });
      print = { status, changesNothing: unmoved && isSame(before, state) };
    }
    return { ...rate, move: worstMove(hour) };
  });
  return { rates, print: printOf(print) };
}

/** The type of a variable that only closures write is lost without this. */
const printOf = (
  print: { status: RoundStatus; changesNothing: boolean } | null,
): { readonly status: RoundStatus; readonly changesNothing: boolean } | null => print;

/** The state after a round, its keeper having brought the margins up to date. */
function observe(
  state: Follower,
  round: Round,
): { readonly state: Follower; readonly status: RoundStatus } {
  const seen = observeRound(state.history, round, HISTORY_TERMS, round.publishedAt);
  if (seen === null) return { state, status: "stale" };
  const { history, status } = seen;
  const float =
    state.history === null
      ? state.float
      : advanceFloat(state.float, state.history, history, Number(HISTORY_TERMS.bucketLength));
  const now = round.publishedAt;
  return {
    status,
    state: {
      ...{ history, float, at: now },
      asked: askedMultiplier(history, MARGIN_TERMS),
      acting: actingAt(state, now),
    },
  };
}

const actingAt = ({ asked, acting, at }: Follower, now: bigint): bigint =>
  maintenanceMultiplier({ asked, acting, refreshedAt: at }, asked, now);

function rateAt(state: Follower, now: bigint): { maintenance: number; initial: number } {
  const acting = actingAt(state, now);
  const calm = Number(MARGIN_TERMS.maintenanceMargin) / D18;
  return {
    maintenance: (Number(acting) / D18) * calm,
    initial: Number(max(acting, state.asked)) / D18,
  };
}

/** Of a seller or a buyer at the hour's open, whoever had it worse. */
function worstMove({ open, low, high }: Hour): number {
  const [from, least, most] = [Number(open), Number(low), Number(high)];
  return Math.max(1 - least / from, most / from - 1);
}

function figuresOf(rates: readonly number[], moves: readonly number[]): MarginFigures {
  const excesses = rates.map((rate, hour) => (moves[hour] ?? 0) - rate);
  const breaches = excesses.filter((excess) => excess > 0).length;
  return {
    meanRate: meanOf(rates),
    breaches,
    breachesPer10000Hours: (breaches * 10_000) / rates.length,
    worstExcess: Math.max(0, ...excesses),
    largestOneHourJump: largestJump(rates),
  };
}

const largestJump = (values: readonly number[]): number =>
  Math.max(...values.slice(1).map((value, index) => value / (values[index] ?? value)));

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function noteErrors(
  { history, float }: Follower,
  errors: { volatility: number; multiplier: number; samples: number },
): void {
  if (history === null || history.slow === 0n) return;
  // σ as the contracts have it is the root of a D18 variance: compared through its square, which halves relative differences.
  const volatility = relativeError(combined(history), combinedFloat(float)) / 2;
  const multiplier = relativeError(
    askedMultiplier(history, MARGIN_TERMS),
    multiplierFloat(float, {
      horizonSeconds: Number(MARGIN_TERMS.horizonSeconds),
      deviations: Number(MARGIN_TERMS.deviations) / D18,
      maintenanceMargin: Number(MARGIN_TERMS.maintenanceMargin) / D18,
      maxMultiplier: Number(MARGIN_TERMS.maxMultiplier) / D18,
    }),
  );
  errors.volatility = Math.max(errors.volatility, volatility);
  errors.multiplier = Math.max(errors.multiplier, multiplier);
  errors.samples += 1;
}

const isSame = (a: Follower, b: Follower): boolean =>
  a.history?.slow === b.history?.slow &&
  a.history?.fast === b.history?.fast &&
  a.history?.price === b.history?.price &&
  a.asked === b.asked;
