import { InputError } from "../demo/input-error.ts";
import { OPERATIONS } from "./operations.ts";

/** Half a percent: what a measured operation may grow without the snapshot being renewed. */
export const TOLERANCE_PER_MILLE = 5;

type Figures = Readonly<Record<string, number>>;

export interface Difference {
  readonly name: string;
  /** undefined: the snapshot does not have it. */
  readonly before: number | undefined;
  /** undefined: it is no longer measured. */
  readonly after: number | undefined;
  /** Beyond the tolerance, or only on one side: the check fails. */
  readonly worse: boolean;
}

/** Everything that is not the same in both. */
export function differences(before: Figures, after: Figures): Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .map((name) => difference(name, before[name], after[name]))
    .filter((row) => row.before !== row.after);
}

function difference(
  name: string,
  before: number | undefined,
  after: number | undefined,
): Difference {
  const known = before !== undefined && after !== undefined;
  const worse = !known || (after - before) * 1_000 > before * TOLERANCE_PER_MILLE;
  return { name, before, after, worse };
}

/** The figures of a snapshot file. */
export function parseSnapshot(text: string, file: string): Figures {
  const content = parseJson(text, file);
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new InputError(`${file} is not an object of names and numbers: ${ADVICE}`);
  }
  return Object.fromEntries(
    Object.entries(content).map(([name, value]: [string, unknown]) => {
      if (!Object.hasOwn(OPERATIONS, name)) {
        throw new InputError(`${file} has "${name}", which is not measured: ${ADVICE}`);
      }
      if (typeof value !== "number" || !Number.isSafeInteger(value) || value <= 0) {
        throw new InputError(`${file} has ${JSON.stringify(value)} for "${name}": ${ADVICE}`);
      }
      return [name, value];
    }),
  );
}

const ADVICE = "renew it with npm run gas:check -- --update";

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError(`${file} is not JSON: ${ADVICE}`, { cause });
  }
}
