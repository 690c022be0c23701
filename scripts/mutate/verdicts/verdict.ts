/** Why a mutant that no test kills stands. `equivalent`: nothing can tell it from the original. `guarded`: only states that other rules exclude could. */
export interface Verdict {
  readonly place: string;
  readonly original: string;
  readonly mutated: string;
  readonly kind: "equivalent" | "guarded" | "harmless";
  readonly why: string;
}
