import type { Site } from "./sites.ts";
import type { Verdict } from "./verdicts/verdict.ts";

export type Fate = "killed" | "timed out" | "survived" | "not reached";

/** What became of a mutant. */
export interface Outcome {
  readonly site: Site;
  readonly fate: Fate;
  /** The test that noticed, and what it said. */
  readonly by: string | null;
  readonly seconds: number;
}

export interface FolderScore {
  /** All sites of the folder, of which a sample was run. */
  readonly sites: number;
  readonly mutants: number;
  readonly killed: number;
  readonly survived: number;
  /** Survivors that a verdict explains. */
  readonly explained: number;
  readonly equivalent: number;
  /** Killed among all that were run, 0 … 1. */
  readonly score: number;
  /** Killed among those that differ from the original at all. */
  readonly scoreOfDifferent: number;
}

export function folderOf({ file }: Site): string {
  return file.split("/").slice(0, 2).join("/");
}

export function isKilled({ fate }: Outcome): boolean {
  return fate === "killed" || fate === "timed out";
}

/** The verdict on a survivor, if one was given. */
export function verdictOn(site: Site, verdicts: readonly Verdict[]): Verdict | undefined {
  return verdicts.find(
    ({ place, original, mutated }) =>
      place === site.place && original === site.original && mutated === site.mutated,
  );
}

/** Scores of each folder, from a sample of its sites. */
export function scoreFolders(
  sites: readonly Site[],
  outcomes: readonly Outcome[],
  verdicts: readonly Verdict[],
): Map<string, FolderScore> {
  const all = Map.groupBy(sites, folderOf);
  const scores = new Map<string, FolderScore>();
  for (const [folder, run] of Map.groupBy(outcomes, ({ site }) => folderOf(site))) {
    const survivors = run.filter((outcome) => !isKilled(outcome));
    const given = survivors.map(({ site }) => verdictOn(site, verdicts));
    const killed = run.length - survivors.length;
    const equivalent = given.filter((verdict) => verdict?.kind === "equivalent").length;
    scores.set(folder, {
      sites: all.get(folder)?.length ?? 0,
      mutants: run.length,
      killed,
      survived: survivors.length,
      explained: given.filter((verdict) => verdict !== undefined).length,
      equivalent,
      score: killed / run.length,
      scoreOfDifferent: killed / Math.max(1, run.length - equivalent),
    });
  }
  return scores;
}

/** The score of all folders: each counts as much as it has sites, whatever part of them was run. */
export function overallScore(
  scores: ReadonlyMap<string, FolderScore>,
  of: "score" | "scoreOfDifferent",
): number {
  const folders = [...scores.values()];
  const sites = folders.reduce((sum, folder) => sum + folder.sites, 0);
  return folders.reduce((sum, folder) => sum + (folder[of] * folder.sites) / sites, 0);
}
