/** A probability that was told, and what came. */
export interface Outcome {
  readonly probability: number;
  readonly touched: boolean;
}

export interface CalibrationBin {
  /** Probabilities from `from` to below `to`; the last bin has both ends. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Mean of the probabilities, and share of those that came; null in an empty bin. */
  readonly predicted: number | null;
  readonly observed: number | null;
}

const EDGES = [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1];

/**
 * Probability that of two outcomes, one that came and one that did not, the former was called the likelier; equal calls count half. Null where all came or none did.
 */
export function rankingOf(outcomes: readonly Outcome[]): number | null {
  const { concordant, pairs } = pairsOf(outcomes);
  return pairs === 0 ? null : concordant / pairs;
}

/** The same among outcomes of one group only, all such pairs counting alike. */
export function rankingWithin(groups: readonly (readonly Outcome[])[]): number | null {
  const counted = groups.map(pairsOf);
  const pairs = sum(counted.map((group) => group.pairs));
  return pairs === 0 ? null : sum(counted.map((group) => group.concordant)) / pairs;
}

/** Mean squared difference of probabilities from what came. */
export const brierOf = (outcomes: readonly Outcome[]): number =>
  sum(outcomes.map(({ probability, touched }) => (probability - (touched ? 1 : 0)) ** 2)) /
  outcomes.length;

export function calibrationOf(outcomes: readonly Outcome[]): CalibrationBin[] {
  return EDGES.slice(1).map((to, index) => {
    const from = EDGES[index] ?? 0;
    const isLast = to === 1;
    const within = outcomes.filter(
      ({ probability }) => probability >= from && (probability < to || isLast),
    );
    const count = within.length;
    if (count === 0) return { from, to, count, predicted: null, observed: null };
    return {
      ...{ from, to, count },
      predicted: sum(within.map(({ probability }) => probability)) / count,
      observed: within.filter(({ touched }) => touched).length / count,
    };
  });
}

/** Pairs of one that came and one that did not, and in how many of them the former was called the likelier. */
function pairsOf(outcomes: readonly Outcome[]): { concordant: number; pairs: number } {
  const ascending = [...outcomes].sort((a, b) => a.probability - b.probability);
  let [concordant, below] = [0, 0];
  for (let at = 0; at < ascending.length; ) {
    const { probability } = ascending[at] ?? { probability: 0 };
    let [came, stayed] = [0, 0];
    for (; ascending[at]?.probability === probability; at++) {
      if (ascending[at]?.touched === true) came += 1;
      else stayed += 1;
    }
    concordant += came * (below + stayed / 2);
    below += stayed;
  }
  return { concordant, pairs: below * (outcomes.length - below) };
}

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);
