import type { Branch, Stretch } from "./probes.ts";
import type { Verdict } from "./verdicts.ts";

export interface FileCoverage {
  readonly lines: number;
  readonly linesCovered: number;
  readonly branches: number;
  readonly branchesCovered: number;
}

export interface Uncovered extends Branch {
  /** The reviewed reason, or null when nobody gave one. */
  readonly why: string | null;
}

export interface CoverageReport {
  readonly files: ReadonlyMap<string, FileCoverage>;
  readonly total: FileCoverage;
  readonly uncoveredBranches: readonly Uncovered[];
  readonly uncoveredLines: ReadonlyMap<string, readonly number[]>;
  /** Verdicts about branches that tests take, or that are gone. */
  readonly staleVerdicts: readonly Verdict[];
}

/** What was covered, from the ids that instrumented code reported. */
export function reportCoverage(
  branches: readonly Branch[],
  stretches: readonly Stretch[],
  reported: ReadonlySet<number>,
  verdicts: readonly Verdict[],
): CoverageReport {
  const used = new Set<Verdict>();
  const uncoveredBranches = branches
    .filter(({ id }) => !reported.has(id))
    .map((branch) => {
      const verdict = verdicts.find((one) => isAbout(one, branch));
      if (verdict !== undefined) used.add(verdict);
      return { ...branch, why: verdict?.why ?? null };
    });
  const linesOf = (some: readonly Stretch[]) => new Set(some.flatMap(({ lines }) => lines));
  const files = new Map<string, FileCoverage>();
  const uncoveredLines = new Map<string, readonly number[]>();
  const names = [...new Set([...branches, ...stretches].map(({ file }) => file))].sort();
  for (const file of names) {
    const ownBranches = branches.filter((branch) => branch.file === file);
    const ownStretches = stretches.filter((stretch) => stretch.file === file);
    const lines = linesOf(ownStretches);
    const missed = linesOf(ownStretches.filter(({ id }) => !reported.has(id)));
    files.set(file, {
      lines: lines.size,
      linesCovered: lines.size - missed.size,
      branches: ownBranches.length,
      branchesCovered: ownBranches.filter(({ id }) => reported.has(id)).length,
    });
    if (missed.size > 0)
      uncoveredLines.set(
        file,
        [...missed].sort((a, b) => a - b),
      );
  }
  return {
    files,
    total: sum([...files.values()]),
    uncoveredBranches,
    uncoveredLines,
    staleVerdicts: verdicts.filter((verdict) => !used.has(verdict)),
  };
}

function isAbout(verdict: Verdict, branch: Branch): boolean {
  return (
    verdict.place === branch.place &&
    verdict.condition === branch.condition &&
    verdict.outcome === branch.outcome
  );
}

export function sum(files: readonly FileCoverage[]): FileCoverage {
  const add = (of: (file: FileCoverage) => number) =>
    files.reduce((all, file) => all + of(file), 0);
  return {
    lines: add(({ lines }) => lines),
    linesCovered: add(({ linesCovered }) => linesCovered),
    branches: add(({ branches }) => branches),
    branchesCovered: add(({ branchesCovered }) => branchesCovered),
  };
}

/** Covered among all, 0 … 1; nothing to cover is covered. */
export function share(covered: number, all: number): number {
  return all === 0 ? 1 : covered / all;
}
