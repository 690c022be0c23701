import type { CoverageState } from "../read/houseReader.ts";
import type { Action } from "./action.ts";

/** Markets whose margins go by another level of coverage than their buffers have: openings measure by themselves, everything else waits for somebody to. */
export function coverageActionsOf(coverage: ReadonlyMap<number, CoverageState>): Action[] {
  return [...coverage]
    .filter(([, { level, measuredLevel }]) => level !== measuredLevel)
    .map(([market]) => ({ kind: "refreshCoverage", market }));
}
