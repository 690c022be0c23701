/** Why a branch that no test takes is not taken. */
export interface Verdict {
  readonly place: string;
  readonly condition: string;
  readonly outcome: boolean;
  readonly why: string;
}

export const verdicts: readonly Verdict[] = [];
