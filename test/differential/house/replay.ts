import type { Action } from "../../model/action.ts";
import { heldOf } from "../../model/call.ts";
import { act } from "../../model/house.ts";
import { planCodes } from "../../model/slicing.ts";
import type { Account, HouseState } from "../../model/state.ts";
import { ENDED_PAUSE, type HouseTerms } from "../../model/terms.ts";
import { differences, plain } from "./compare.ts";
import { count, type Reached } from "./reach.ts";
import type { Outcome, World } from "./world.ts";

/** Where house and model part. */
export interface Disagreement {
  readonly actions: readonly Action[];
  readonly found: readonly string[];
}

const codeNames = new Map(Object.entries(planCodes).map(([name, code]) => [String(code), name]));

/** After so many actions everything is compared; what each did, its events or its error, always is. */
const FULL_EVERY = 55;

/** One house and its model, side by side. */
export class Replay {
  readonly world: World;
  readonly reached: Reached;
  readonly done: Action[] = [];
  /** Compares everything after each action. */
  readonly thorough: boolean;
  state: HouseState;
  now: bigint;
  /** What the model says of the actions that the house has not told of yet. */
  #expected: (readonly string[])[] = [];

  constructor(world: World, reached: Reached, thorough: boolean, from: HouseState) {
    this.world = world;
    this.state = from;
    this.now = world.start;
    this.reached = reached;
    this.thorough = thorough;
  }

  get terms(): HouseTerms {
    return this.state.terms;
  }

  /** Does an action in both, and compares them now and then. */
  async step(action: Action): Promise<Disagreement | undefined> {
    const { world, reached } = this;
    this.done.push(action);
    this.now += action.seconds;
    world.act(action, this.now);
    const expected = act(this.state, action, this.now);
    this.state = expected.state;
    this.#expected.push(told(world, expected));
    for (const what of conditionsOf(this.state, this.now)) count(reached, what);
    return this.thorough || this.done.length % FULL_EVERY === 0 ? this.compare() : undefined;
  }

  /** Compares what the actions did since this was last asked, and what stands after them. */
  async compare(): Promise<Disagreement | undefined> {
    const { world, reached, done, state, now } = this;
    const expected = this.#expected;
    this.#expected = [];
    const first = done.length - expected.length;
    for (const [i, happened] of (await world.outcomes()).entries()) {
      const action = done[first + i];
      if (action !== undefined) note(reached, action, happened);
      const found = differing(expected[i] ?? [], told(world, happened));
      if (found.length > 0) return { actions: done.slice(0, first + i + 1), found };
    }
    const found = await differences(world, state, now);
    return found.length > 0 ? { actions: done, found } : undefined;
  }
}

function told(world: World, { refusal, logs }: Outcome): string[] {
  return (refusal === null ? logs : [refusal]).map((each) => plain(world, each));
}

function note(reached: Reached, action: Action, { refusal, logs }: Outcome): void {
  count(reached, refusal?.name ?? action.kind);
  for (const { name, args } of logs) {
    const code = /(tion|Over|Whole)Skipped$/.test(name)
      ? ` ${codeNames.get(String(args.at(-1)))}`
      : "";
    count(reached, name + code);
    const [, , , , , discount] = args;
    if (name === "TakenOver" && discount !== 0n) count(reached, "TakenOver at a discount");
  }
}

function differing(mine: readonly string[], theirs: readonly string[]): string[] {
  const length = Math.max(mine.length, theirs.length);
  return Array.from({ length }, (_, i) => [mine[i] ?? "nothing", theirs[i] ?? "nothing"] as const)
    .filter(([model, house]) => model !== house)
    .map(([model, house]) => `house ${house}\n      model ${model}`);
}

/** What is left in markets that have ended. */
function endsIn(
  accounts: readonly Account[],
  markets: HouseState["markets"],
  now: bigint,
): Record<string, boolean> {
  const left = accounts.flatMap(({ positions }) =>
    [...positions].flatMap(([id, { size, quote }]) => {
      const ended = markets.get(id)?.ended ?? null;
      return ended === null || size !== 0n || quote === 0n ? [] : [{ quote, ended }];
    }),
  );
  return {
    "a gain waits for the end's pause": left.some(
      ({ quote, ended }) => quote > 0n && now < ended.at + ENDED_PAUSE,
    ),
    "a claim is left in an ended market": left.some(({ quote }) => quote > 0n),
    "a debt is left in an ended market": left.some(({ quote }) => quote < 0n),
  };
}

/** What is rare in a house, as far as it is so now. */
function conditionsOf({ accounts, markets, credit }: HouseState, now: bigint): string[] {
  const everybody = [...accounts.values()];
  const books = [...markets.values()];
  const conditions = {
    "cash is held": everybody.some((account) => heldOf(account) !== 0n),
    "charges count back": everybody.some(({ graceUntil }) => graceUntil > now),
    "a loss is uncollected": books.some(({ uncollectedLoss }) => uncollectedLoss !== 0n),
    "surplus is owed": books.some(({ surplus }) => surplus !== 0n),
    "refunds fall short": books.some(({ refundedShort }) => refundedShort !== 0n),
    "maintenance margin is on its way": books.some(
      ({ pace }) => pace !== null && pace.acting !== pace.asked,
    ),
    "credit carries a position": [...accounts].some(
      ([name, { hasCredit, markets: held }]) =>
        hasCredit && held.size > 0 && (credit.debts.get(name)?.scaled ?? 0n) !== 0n,
    ),
    ...endsIn(everybody, markets, now),
    "a deficit waits": books.some(({ pendingLoss }) => pendingLoss !== 0n),
  };
  return Object.entries(conditions).flatMap(([what, holds]) => (holds ? [what] : []));
}
