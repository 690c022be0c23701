import type { Action } from "../../model/action.ts";
import { heldOf } from "../../model/call.ts";
import { act } from "../../model/house.ts";
import { planCodes } from "../../model/slicing.ts";
import type { AccountName, HouseState, MarketId } from "../../model/state.ts";
import type { HouseTerms } from "../../model/terms.ts";
import { type Aspects, differences, plain } from "./compare.ts";
import type { World } from "./world.ts";

/** Where house and model part. */
export interface Disagreement {
  readonly actions: readonly Action[];
  readonly found: readonly string[];
}

const codeNames = new Map(Object.entries(planCodes).map(([name, code]) => [String(code), name]));

const FULL_EVERY = 10;

/** Tells what was reached: kinds of actions, refusals, events, plan codes. */
export type Reached = Map<string, number>;

/** One house and its model, side by side. */
export class Replay {
  readonly world: World;
  readonly terms: HouseTerms;
  readonly reached: Reached;
  readonly done: Action[] = [];
  state: HouseState;
  now: bigint;
  /** Compares everything after each action; else after some, and after the others what they are about. */
  readonly thorough: boolean;

  constructor(world: World, state: HouseState, now: bigint, reached: Reached, thorough: boolean) {
    this.world = world;
    this.terms = world.terms;
    this.state = state;
    this.now = now;
    this.reached = reached;
    this.thorough = thorough;
  }

  /** Does an action in both. Returns what they differ in. */
  async step(action: Action): Promise<readonly string[]> {
    const { world, reached } = this;
    this.done.push(action);
    this.now += action.seconds;
    const expected = act(this.state, world.terms, action, this.now);
    const happened = await world.act(action, this.now);
    this.state = expected.state;
    const told = (outcome: Pick<typeof happened, "refusal" | "logs">) =>
      (outcome.refusal === null ? outcome.logs : [outcome.refusal]).map((each) =>
        plain(world, each),
      );
    const [mine, theirs] = [told(expected), told(happened)];
    count(reached, happened.refusal?.name ?? action.kind);
    for (const { name, args } of happened.logs) {
      const code = /Skipped$/.test(name) ? ` ${codeNames.get(String(args.at(-1)))}` : "";
      count(reached, name + code);
      const [, , , , , discount] = args;
      if (name === "TakenOver" && discount !== 0n) count(reached, "TakenOver at a discount");
    }
    for (const what of conditionsOf(this.state, this.now)) count(reached, what);
    const found = differing(mine, theirs);
    if (found.length > 0) return found;
    const isFull = this.thorough || this.done.length % FULL_EVERY === 0;
    return differences(world, this.state, this.now, isFull ? "everything" : aspectsOf(action));
  }
}

export function count(reached: Reached, what: string): void {
  reached.set(what, (reached.get(what) ?? 0) + 1);
}

function differing(mine: readonly string[], theirs: readonly string[]): string[] {
  const length = Math.max(mine.length, theirs.length);
  return Array.from({ length }, (_, i) => [mine[i] ?? "nothing", theirs[i] ?? "nothing"] as const)
    .filter(([model, house]) => model !== house)
    .map(([model, house]) => `house ${house}\n      model ${model}`);
}

/** What is rare in a house, as far as it is so now. */
function conditionsOf({ accounts, markets }: HouseState, now: bigint): string[] {
  const everybody = [...accounts.values()];
  const books = [...markets.values()];
  const conditions = {
    "cash is held": everybody.some((account) => heldOf(account) !== 0n),
    "charges count back": everybody.some(({ graceUntil }) => graceUntil > now),
    "a loss is uncollected": books.some(({ uncollectedLoss }) => uncollectedLoss !== 0n),
    "surplus is owed": books.some(({ surplus }) => surplus !== 0n),
    "refunds fall short": books.some(({ refundedShort }) => refundedShort !== 0n),
    "a deficit waits": books.some(({ pendingLoss }) => pendingLoss !== 0n),
  };
  return Object.entries(conditions).flatMap(([what, holds]) => (holds ? [what] : []));
}

/** Whom and which market an action is about. */
function aspectsOf(action: Action): Aspects {
  const accounts: AccountName[] = [];
  const markets: MarketId[] = [];
  if ("account" in action) accounts.push(action.account);
  if ("accounts" in action) accounts.push(...action.accounts);
  if ("maker" in action) accounts.push(action.maker);
  if ("taker" in action) accounts.push(action.taker);
  if ("losers" in action) accounts.push(...action.losers);
  if ("items" in action) accounts.push(...action.items.map(({ account }) => account));
  if ("market" in action) markets.push(action.market);
  return { accounts, markets };
}
