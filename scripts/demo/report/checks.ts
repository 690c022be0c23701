import { formatD18 } from "../../../sdk/src/amounts.ts";
import { dollars } from "../format.ts";
import type { DemoOutcome } from "./outcome.ts";

/** D18{USD} Tokens the house holds beyond what it owes; 0 as CONS-1 demands. */
export function conservationDifference({
  conservation,
}: Pick<DemoOutcome, "conservation">): bigint {
  const { tokensUsd, cashUsd, reservesUsd, insuranceUsd } = conservation;
  return tokensUsd - cashUsd - reservesUsd - insuranceUsd;
}

type Checked = Pick<DemoOutcome, "conservation" | "invariants" | "neglected">;

/** A sentence for each check a run did not pass. One is enough for the command to fail. */
export function failedChecks(outcome: Checked): string[] {
  const { invariants, neglected } = outcome;
  const difference = conservationDifference(outcome);
  return [
    ...(difference === 0n ? [] : [conservationSentence({ difference, ...outcome.conservation })]),
    ...invariants
      .filter(({ holds }) => !holds)
      .map(({ id, finding }) => `${id} does not hold: ${finding}.`),
    ...neglected.map(
      ({ accountNumber, blocks, sinceBlock }) =>
        `Account ${accountNumber} was liquidatable for ${blocks} blocks from block ${sinceBlock} on, and no keeper acted ` +
        "although one could have.",
    ),
  ];
}

function conservationSentence(found: { difference: bigint; tokensUsd: bigint }): string {
  const { difference, tokensUsd } = found;
  const exact = (amountUsd: bigint) => dollars(formatD18(amountUsd));
  const [amount, word] =
    difference < 0n ? [exact(-difference), "less"] : [exact(difference), "more"];
  return `CONS-1 does not hold: the house has ${exact(tokensUsd)} in tokens, ${amount} ${word} than it owes.`;
}
