import { type ActingRisk, type Book, depthOf, largerSideUsd, notionalUp } from "./book.ts";
import { type Call, marginCash } from "./call.ts";
import { lineOf } from "./creditLine.ts";
import { maturedOf } from "./positions.ts";
import { down, exact, greater, lesser, ONE, positive, Rational, up } from "./rational.ts";
import { LOSS_DUST, type RiskTerms } from "./terms.ts";
import { type Holding, type Work, worth } from "./work.ts";

export interface Judgement {
  readonly equity: bigint;
  readonly required: bigint;
}

export type Kind = "Maintenance" | "Initial";

/** E and what is required, as the risk engine judges them now; `line` says what of a credit line counts. */
export function assess(
  call: Call,
  { account, holdings, name }: Work,
  kind: Kind,
  line: Kind | null = kind,
): Judgement {
  let equity = marginCash(account) + (line === null ? 0n : lineOf(call, name, line));
  let required = 0n;
  for (const holding of holdings) {
    const judged = kind === "Maintenance" ? maintenance(holding) : initial(call, holding);
    equity += judged.equity;
    required += judged.required;
  }
  return { equity, required };
}

/** m_I·ρ_max: the move assumed where no price can be trusted. */
function shock({ initialMargin, maxMultiplier }: RiskTerms): Rational {
  return exact(initialMargin).times(exact(maxMultiplier));
}

function maintenance(holding: Holding): Judgement {
  const { book, position } = holding;
  const { risk } = book.terms;
  const notional = notionalUp(book, position.size);
  const value = worth(holding);
  if (book.status !== "Valid") {
    return { equity: value + down(exact(notional).times(shock(risk))), required: 0n };
  }
  return { equity: value, required: maintenanceOf(risk, notional, depthOf(book)) };
}

function initial(call: Call, holding: Holding): Judgement {
  const { book, position } = holding;
  const { risk } = book.terms;
  const notional = notionalUp(book, position.size);
  const openInterest = largerSideUsd(book);
  const calm = calmRateOf(risk);
  // A quarter more where the buffers do not reach.
  const raised =
    book.market.coverage === "Full" ? calm : exact(up(calm.times(new Rational(5n, 4n))));
  const rate = raised.plus(rampRateOf(risk, openInterest));
  const required =
    marginOf(notional, rate, risk.sizeSlope, depthOf(book)) +
    concentrationOf(book, notional, openInterest);
  const found = worth(holding);
  const value = book.status === "Valid" ? found : found - up(exact(notional).times(shock(risk)));
  if (value <= 0n) return { equity: value, required };
  const gain = down(
    exact(lesser(value, maturedOf(call, book, position))).times(exact(risk.gainShare)),
  );
  const isLossPending = book.market.uncollectedLoss > LOSS_DUST;
  const counted = isLossPending ? down(exact(gain).times(exact(ONE - risk.maxCharge))) : gain;
  return { equity: counted, required };
}

/** MM(N) = N·m_M·ρ + μ·N²/D, each term up; a depth under a dollar counts as one. */
export function maintenanceOf(risk: ActingRisk, notional: bigint, depth: bigint): bigint {
  return marginOf(notional, maintenanceRateOf(risk), risk.sizeSlope, depth);
}

/** m_M·ρ */
export function maintenanceRateOf({ maintenanceMargin, rho }: ActingRisk): Rational {
  return exact(maintenanceMargin).times(exact(rho.maintenance));
}

/** IM(N) = N·(m_I·ρ + m_OI) + μ·N²/D */
export function initialMarginOf(
  risk: ActingRisk,
  notional: bigint,
  depth: bigint,
  openInterestUsd: bigint,
): bigint {
  return marginOf(notional, initialRateOf(risk, openInterestUsd), risk.sizeSlope, depth);
}

/** m_I·ρ + m_OI; the latter is booked up. */
export function initialRateOf(risk: ActingRisk, openInterestUsd: bigint): Rational {
  return calmRateOf(risk).plus(rampRateOf(risk, openInterestUsd));
}

/** m_I·ρ */
export function calmRateOf({ initialMargin, rho }: ActingRisk): Rational {
  return exact(initialMargin).times(exact(rho.initial));
}

/** m_OI, up */
function rampRateOf(risk: RiskTerms, openInterestUsd: bigint): Rational {
  const past = positive(openInterestUsd - risk.rampStartUsd);
  const span = risk.rampEndUsd - risk.rampStartUsd;
  const filled = past >= span ? new Rational(1n) : new Rational(past, span);
  return exact(up(filled.times(exact(ONE - risk.initialMargin))));
}

/** What a move of q would cost (up) beyond what the buffers are to be (down). */
function concentrationOf({ terms }: Book, notional: bigint, openInterestUsd: bigint): bigint {
  const { concentrationMove, coverageTarget, bootstrapUsd } = terms.cover;
  if (concentrationMove === 0n) return 0n;
  const cost = up(exact(notional).times(exact(concentrationMove)));
  const target = down(exact(openInterestUsd).times(exact(coverageTarget)));
  return positive(cost - greater(target, bootstrapUsd));
}

function marginOf(notional: bigint, rate: Rational, slope: bigint, depth: bigint): bigint {
  const n = exact(notional);
  return (
    up(n.times(rate)) +
    up(
      n
        .times(n)
        .times(exact(slope))
        .over(exact(greater(depth, ONE))),
    )
  );
}
