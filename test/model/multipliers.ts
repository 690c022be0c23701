import { type Call, log, marketOf, priceMemoryOf, Refusal, termsOf } from "./call.ts";
import { exact, greater, lesser, ONE, Rational, up, whole } from "./rational.ts";
import type { Following, MarketId, Pace, RegimePart } from "./state.ts";
import type { RiskTerms } from "./terms.ts";

/** Multipliers are kept to a billionth. */
const STEP = 10n ** 9n;
const HIGHEST = 4n * ONE;
const PERCENT = ONE / 100n;
/** {s}, of 365¼ days. */
const YEAR = 31_557_600n;
/** {s}, in which a ramp that falls has come down to half. */
const HALVED = 360_000n;
/** ln(1.1) an hour, in each second; down. */
const RISE = new Rational(26_475_049_945_645n, ONE);
const LIFETIMES = { lowest: 60n, highest: 3n * 86_400n };
/** Part of an implied volatility that counts. */
const IMPLIED_PART = (ONE * 8n) / 10n;
/** Numbers of terms in errors. */
const TERM = { lifetime: 8n };

/** ρ as it acts on initial and on maintenance margin. */
export interface Rho {
  readonly initial: bigint;
  readonly maintenance: bigint;
}

function stepsDown(value: Rational): bigint {
  return value.times(new Rational(ONE, STEP)).floor() * STEP;
}

function stepsUp(value: Rational): bigint {
  return -stepsDown(value.negated());
}

/** Least number whose square is at least that. */
function rootUp(square: bigint): bigint {
  let [low, high] = [0n, 1n];
  while (high * high < square) high *= 2n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle * middle < square) low = middle;
    else high = middle;
  }
  return square === 0n ? 0n : high;
}

/** 100·R, of what has not expired. */
function regimeOf({ now }: Call, { regime }: Pace): bigint {
  return regime.reduce((sum, { percent, until }) => sum + (until > now ? percent : 0n), 100n);
}

/** No margin is more than the notional. */
function highestOf({ initialMargin }: RiskTerms): bigint {
  return lesser(HIGHEST, stepsDown(whole(1n).over(exact(initialMargin))));
}

/** ρ·R, up. */
function timesRegime(call: Call, asked: bigint, pace: Pace, risk: RiskTerms): bigint {
  const part = new Rational(regimeOf(call, pace), 100n);
  return lesser(stepsUp(exact(asked).times(part)), highestOf(risk));
}

/** From what acted towards what is asked for: up by ln(1.1) of itself an hour (down), down by a hundredth an hour (up). */
function actingOf(call: Call, pace: Pace, risk: RiskTerms): bigint {
  const { acting, asked, since } = pace;
  const target = timesRegime(call, asked, pace, risk);
  const seconds = whole(call.now - since);
  if (target >= acting) {
    return lesser(target, acting + stepsDown(exact(acting).times(seconds).times(RISE)));
  }
  const fallen = exact(acting).times(whole(HALVED)).over(whole(HALVED).plus(seconds));
  return greater(target, stepsUp(fallen));
}

/** What acts on margins now; without terms the multiplier that is set. */
export function rhoOf(call: Call, id: MarketId): Rho {
  const { risk } = termsOf(call, id);
  const { pace } = marketOf(call, id);
  if (pace === null) return { initial: risk.multiplier, maintenance: risk.multiplier };
  const maintenance = actingOf(call, pace, risk);
  const initial = greater(timesRegime(call, pace.asked, pace, risk), maintenance);
  return { initial, maintenance };
}

/** clamp(k·σ·√H/m_M, multiplier, maxMultiplier), of the volatility that a feed implies, while it is fresh. */
function askedNow(call: Call, id: MarketId, following: Following, risk: RiskTerms): bigint {
  const deviation = rootUp(impliedVariance(call, id) * following.horizonSeconds * ONE);
  const margin = exact(risk.maintenanceMargin);
  const multiplier = up(exact(deviation).times(exact(following.deviations)).over(margin));
  const wanted = stepsUp(exact(multiplier));
  return greater(risk.multiplier, lesser(risk.maxMultiplier, wanted));
}

/** A second's variance, up; feeds have eight decimals. */
function impliedVariance(call: Call, id: MarketId): bigint {
  const { implied } = marketOf(call, id);
  if (implied === null) return 0n;
  const { price, publishedAt } = priceMemoryOf(call, implied.feedOf).feed;
  if (call.now - publishedAt > implied.maxAgeSeconds) return 0n;
  const answer = lesser(price / 10n ** 10n, 1_000n * implied.wholeAnswer);
  const yearly = (answer * IMPLIED_PART) / implied.wholeAnswer;
  return up(exact(yearly).times(exact(yearly)).over(whole(YEAR)));
}

const NO_REGIME: readonly RegimePart[] = [0, 1, 2, 3].map(() => ({ percent: 0n, until: 0n }));

/** See IAdaptiveMargin.setAdaptiveTerms: margins go on from what acted. */
export function setAdaptive(call: Call, id: MarketId, following: Following): void {
  const market = marketOf(call, id);
  const { risk } = termsOf(call, id);
  const acting = rhoOf(call, id).maintenance;
  const regime = market.pace?.regime ?? NO_REGIME;
  market.following = following;
  const asked = askedNow(call, id, following, risk);
  market.pace = { asked, acting, since: call.now, regime };
}

/** New risk terms: the maintenance rate goes on. */
export function rescale(call: Call, id: MarketId, before: RiskTerms, after: RiskTerms): void {
  const market = marketOf(call, id);
  const { pace, following } = market;
  if (pace === null || following === null) return;
  const rate = exact(actingOf(call, pace, before)).times(exact(before.maintenanceMargin));
  const acting = stepsDown(rate.over(exact(after.maintenanceMargin)));
  const asked = askedNow(call, id, following, after);
  market.pace = { ...pace, asked, acting: lesser(acting, highestOf(after)), since: call.now };
}

function requirePace(call: Call, id: MarketId) {
  const { pace, following } = marketOf(call, id);
  if (pace === null || following === null) throw new Refusal("AdaptiveTermsNotSet", id);
  return { pace, following };
}

/** See IAdaptiveMargin.refresh. */
export function refreshMargins(call: Call, id: MarketId): void {
  const { pace, following } = requirePace(call, id);
  const { risk } = termsOf(call, id);
  const acting = actingOf(call, pace, risk);
  const asked = askedNow(call, id, following, risk);
  const now: Pace = { ...pace, asked, acting, since: call.now };
  marketOf(call, id).pace = now;
  log(call, "MarginsRefreshed", id, asked, timesRegime(call, asked, now, risk), acting);
}

/** See IAdaptiveMargin.raiseRegime. */
export function raiseRegime(
  call: Call,
  id: MarketId,
  component: bigint,
  excess: bigint,
  lifetime: bigint,
): void {
  const { pace, following } = requirePace(call, id);
  const { lowest, highest } = LIFETIMES;
  if (lifetime < lowest || lifetime > highest) {
    throw new Refusal("AdaptiveTermOutOfBounds", TERM.lifetime, lifetime, lowest, highest);
  }
  const cap = following.regimeCaps[Number(component)] ?? 0n;
  if (excess > cap) throw new Refusal("RegimeAboveCap", id, component, excess, cap);
  const old = pace.regime[Number(component)] ?? { percent: 0n, until: 0n };
  const standing = old.until > call.now ? old.percent * PERCENT : 0n;
  if (excess < standing) {
    throw new Refusal("RegimeNotRaised", id, component, excess, standing, old.until);
  }
  const until = greater(old.until, call.now + lifetime);
  const acting = actingOf(call, pace, termsOf(call, id).risk);
  const regime = pace.regime.with(Number(component), { percent: excess / PERCENT, until });
  marketOf(call, id).pace = { ...pace, acting, since: call.now, regime };
  log(call, "RegimeRaised", id, component, excess, until);
}

/** See IAdaptiveMargin.multipliersOf. */
export function multipliersSeen(call: Call, id: MarketId) {
  const { initial, maintenance } = rhoOf(call, id);
  const { pace } = marketOf(call, id);
  return {
    initial,
    refreshed: initial,
    maintenance,
    asked: pace?.asked ?? 0n,
    regime: pace === null ? ONE : regimeOf(call, pace) * PERCENT,
    refreshedAt: pace?.since ?? 0n,
  };
}
