import { z } from "zod";
import { marketMode } from "../../../sdk/src/math/codes.ts";

/** The ways in which the circuit breaker moves a market. */
export const breakerMoveSchema = z.enum([
  /** Open → reductions only. */
  "guarded",
  /** → nothing but deposits, for minutes. */
  "halted",
  /** A halt that is over → reductions only. */
  "released",
  /** Reductions only → open. */
  "relaxed",
]);

export type BreakerMove = z.infer<typeof breakerMoveSchema>;
export const BREAKER_MOVES = breakerMoveSchema.options;
export type BreakerMoves = Readonly<Record<BreakerMove, number>>;

/** Which move a change of mode is; null where only the end of a halt changed, or where somebody else opened the market. */
export function breakerMoveOf(oldMode: bigint, newMode: bigint): BreakerMove | null {
  if (oldMode === newMode) return null;
  if (newMode === marketMode.Halted) return "halted";
  if (newMode === marketMode.ReduceOnly)
    return oldMode === marketMode.Halted ? "released" : "guarded";
  return oldMode === marketMode.ReduceOnly && newMode === marketMode.Open ? "relaxed" : null;
}
