import { coreVerdicts } from "./verdicts/core.ts";
import { libraryVerdicts } from "./verdicts/libraries.ts";
import { solvencyVerdicts } from "./verdicts/solvency.ts";
import type { Verdict } from "./verdicts/verdict.ts";

/** Every survivor that somebody has looked at. */
export const verdicts: readonly Verdict[] = [
  ...libraryVerdicts,
  ...coreVerdicts,
  ...solvencyVerdicts,
];
