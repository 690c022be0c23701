import { type Call, Refusal } from "./call.ts";
import { draftOf, settled } from "./draft.ts";

/** Does something that may be refused: then nothing of it stays. Whether it was done. */
export function attempt(call: Call, act: (inner: Call) => void): boolean {
  const inner: Call = {
    ...call,
    state: draftOf(call.state),
    logs: [],
    priced: new Map(call.priced),
  };
  try {
    act(inner);
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
  Object.assign(call.state, draftOf(settled(inner.state)));
  call.logs.push(...inner.logs);
  for (const [id, priced] of inner.priced) call.priced.set(id, priced);
  return true;
}
