import type { Result } from "../../../sdk/src/abi.ts";
import type { circuitBreakerAbi } from "../../../sdk/src/abis/CircuitBreaker.ts";
import { enums } from "../../../sdk/src/abis/enums.ts";
import { marketMode } from "../../../sdk/src/math/codes.ts";
import type { Action } from "./action.ts";

/** A market as the circuit breaker sees it now, and what it has noted. */
export interface BreakerCondition
  extends Pick<
    Result<typeof circuitBreakerAbi, "conditionOf">,
    "readings" | "mode" | "wouldRelax" | "haltableAt" | "sampleableAt"
  > {
  /** {s} Since when conditions that have to stand have been noted; 0: they are not. */
  readonly surgeSince: bigint;
  readonly outageSince: bigint;
  /** {s} For how long they have to stand, and the longest time between two looks at them. */
  readonly standSeconds: bigint;
}

/** {s} From the end of a halt until the next may begin, in the contract's code. */
const HALT_PAUSE = 86_400n;

/** Looks at a condition that has to stand, in the time in which there has to be one. */
const LOOKS_PER_STAND = 3n;
const SURGE = enums.Trigger.indexOf("OpenInterest");
const OUTAGE = enums.Trigger.indexOf("Oracle");

/**
 * Markets to relax or to release, and those whose figures are to be sampled: a window has passed, a condition that has to stand has begun or ended unnoted, or it
 * stands and was not looked at for a while. It trips nothing: an automatic halt keeps this keeper from resolving what the same move made bankrupt for up to an hour.
 * @param lookedAt {s}, when this keeper last had each market sampled
 */
export function breakerActionsOf(
  conditions: ReadonlyMap<number, BreakerCondition>,
  now: number,
  lookedAt: ReadonlyMap<number, number>,
): Action[] {
  return [...conditions].flatMap(([market, condition]): Action[] => {
    const { mode, wouldRelax, haltableAt } = condition;
    if (mode === marketMode.WoundDown) return [];
    if (wouldRelax) return [{ kind: "relaxBreaker", market }];
    if (mode === marketMode.Halted && haltableAt !== 0n && haltableAt - HALT_PAUSE <= BigInt(now)) {
      return [{ kind: "releaseBreaker", market }];
    }
    return isSampleDue(condition, BigInt(now), BigInt(lookedAt.get(market) ?? 0))
      ? [{ kind: "sampleBreaker", market }]
      : [];
  });
}

function isSampleDue(
  { readings, sampleableAt, surgeSince, outageSince, standSeconds }: BreakerCondition,
  now: bigint,
  lookedAt: bigint,
): boolean {
  if (sampleableAt <= now) return true;
  const noted = [
    { since: surgeSince, trippableAt: readings[SURGE]?.trippableAt ?? 0n },
    { since: outageSince, trippableAt: readings[OUTAGE]?.trippableAt ?? 0n },
  ];
  if (noted.some(({ since, trippableAt }) => (since === 0n) !== (trippableAt === 0n))) return true;
  const stands = noted.some(({ trippableAt }) => trippableAt > now);
  return stands && LOOKS_PER_STAND * (now - lookedAt) >= standSeconds;
}

/** Markets to trip, each by the first trigger that would halt it, or else guard it. For operators who choose so. */
export function tripsOf(conditions: ReadonlyMap<number, BreakerCondition>): Action[] {
  return [...conditions].flatMap(([market, { readings }]): Action[] => {
    const wouldSet = (mode: bigint) => readings.findIndex((reading) => reading.wouldSet === mode);
    const halting = wouldSet(marketMode.Halted);
    const trigger = halting === -1 ? wouldSet(marketMode.ReduceOnly) : halting;
    return trigger === -1 ? [] : [{ kind: "tripBreaker", market, trigger: BigInt(trigger) }];
  });
}
