import { ACTORS, type Action } from "../../model/action.ts";
import { ONE } from "../../model/rational.ts";
import type { AccountName, HouseState } from "../../model/state.ts";
import { FUND, PROTOCOL, poolOf, systemAccountOf } from "../../model/terms.ts";
import { borrow } from "./borrowers.ts";
import { IDS, isStored, type Seen } from "./choices.ts";
import { restoreDelegate, setDelegate, setTerms } from "./governors.ts";
import { followed, margins } from "./margins.ts";
import { provide } from "./providers.ts";
import { queue } from "./queues.ts";
import type { Random } from "./random.ts";
import {
  claimRefunds,
  inventory,
  isPoolFailing,
  item,
  liquidateAgainst,
  liquidateBatch,
  mark,
  patientsOf,
  poolRescue,
  resolve,
  touch,
} from "./rescues.ts";
import { sign } from "./signers.ts";
import { backstop, reserve } from "./stakers.ts";
import { takeInventory, takeOver, takeOverWhole } from "./takers.ts";
import {
  deposit,
  isClosed,
  isOut,
  jump,
  matchOrders,
  pressure,
  publish,
  setMode,
  settle,
  settleOwn,
  trade,
  withdraw,
} from "./traders.ts";

/** How a run of actions starts: pools and traders are paid in, insurance a little. */
export function opening(random: Random): Action[] {
  const pay = (account: AccountName, dollars: number): Action => ({
    seconds: 0n,
    kind: "deposit",
    account,
    usd: BigInt(dollars) * ONE,
  });
  const margins = random.below(2) === 0 ? followed(random, random.pick(IDS)) : [];
  return [
    ...margins,
    pay(poolOf(0n), 500_000 + random.below(1_500_000)),
    pay(poolOf(1n), 500_000 + random.below(1_500_000)),
    pay(poolOf(2n), 50_000 + random.below(300_000)),
    pay(PROTOCOL, random.below(20_000)),
    pay(FUND, random.below(3) === 0 ? 100 : random.below(50_000)),
    ...ACTORS.map((actor) =>
      pay(
        actor,
        random.below(3) === 0 ? 1_000 + random.below(4_000) : 10_000 + random.below(400_000),
      ),
    ),
  ];
}

/** The next action, likely to do something in this state. */
export function nextAction(random: Random, seen: Seen): Action {
  const { state } = seen;
  const { distressed, bankrupt } = patientsOf(seen);
  const isUrgent = distressed.length + bankrupt.length > 0;
  const seconds = pauseBefore(random, isUrgent);
  const hasInventory = IDS.some((id) => isStored(state, systemAccountOf(id, "resolution"), id));
  const hasEvents = [...state.markets.values()].some(({ events }) => events.length > 0);
  const ill = random.below(12) === 0 || distressed.length === 0 ? ACTORS : distressed;
  const lost = random.below(12) === 0 || bankrupt.length === 0 ? ACTORS : bankrupt;
  const of = random.weighted<() => Action>([
    [7, () => publish(random, state, seconds)],
    [isUrgent ? 1 : 4, () => pressure(random, seen, seconds)],
    [0.6, () => ({ seconds, kind: "poke", market: random.pick(IDS) })],
    [isUnderfunded(state) ? 6 : 2, () => deposit(random, state, seconds)],
    [2, () => withdraw(random, state, seconds)],
    [12, () => trade(random, seen, seconds)],
    [2.5, () => settle(random, seconds)],
    [0.5, () => jump(random, state, seconds)],
    [isOut(state) ? 4 : 0, () => settleOwn(random, bankrupt.length > 0 ? bankrupt : ill, seconds)],
    [isClosed(state) ? 3 : 0.3, () => setMode(random, state, seconds)],
    [isUrgent ? 4 : 0.5, () => mark(random, ill, seconds)],
    [
      distressed.length > 0 ? 9 : 0.5,
      () => ({ seconds, kind: "liquidate", ...item(random, seen, ill) }),
    ],
    [distressed.length > 0 ? 2 : 0.2, () => liquidateBatch(random, seen, ill, seconds)],
    [bankrupt.length > 0 ? 7 : 0.3, () => resolve(random, lost, seconds)],
    [3, () => matchOrders(random, seen, seconds)],
    [distressed.length > 0 ? 3 : 0.1, () => liquidateAgainst(random, seen, ill, seconds)],
    [
      distressed.length > 0 ? 4 : 0.8,
      () => takeOver(random, seen, markedOf(state, ill), auctionPause(random)),
    ],
    [
      distressed.length > 0 ? 2 : 0.1,
      () => takeOverWhole(random, seen, markedOf(state, ill), auctionPause(random)),
    ],
    [hasInventory ? 3 : 0.1, () => takeInventory(random, seen, seconds)],
    [isPoolFailing(seen) ? 4 : 0.2, () => poolRescue(random, seen, seconds)],
    [0.5, () => ({ seconds, kind: "refreshCoverage", market: random.pick(IDS) })],
    [0.6, () => ({ seconds, kind: "distribute", market: random.pick(IDS) })],
    [2, () => provide(random, seen, seconds)],
    [isUrgent || hasInventory ? 3 : 1, () => backstop(random, seen, ill, seconds)],
    [2.5, () => sign(random, seen, ill, seconds)],
    [1.5, () => margins(random, seen, seconds)],
    [3.5, () => queue(random, seen, seconds)],
    [1.3, () => reserve(random, seen, seconds)],
    [0.3, () => ({ seconds, kind: "noteOutage", market: random.pick(IDS) })],
    [1.2, () => borrow(random, seen, seconds)],
    [0.5, () => setTerms(random, seen, seconds)],
    [0.3, () => setDelegate(random, seconds)],
    [0.3, () => restoreDelegate(random, seen, seconds)],
    [hasEvents ? 2 : 0.1, () => touch(random, seconds)],
    [hasEvents ? 2 : 0.1, () => claimRefunds(random, seconds)],
    [hasInventory ? 4 : 0.3, () => inventory(random, state, seconds)],
  ]);
  return of();
}

/** Those whose auctions run, if there are any. */
function markedOf(state: HouseState, names: readonly AccountName[]): readonly AccountName[] {
  const marked = names.filter((name) => (state.accounts.get(name)?.mark ?? null) !== null);
  return marked.length > 0 ? marked : names;
}

function isUnderfunded({ markets }: HouseState): boolean {
  return [...markets.values()].some(({ coverage }) => coverage === "Short");
}

/** Up to somewhat longer than an auction. */
function auctionPause(random: Random): bigint {
  return BigInt(random.below(200));
}

function pauseBefore(random: Random, isUrgent: boolean): bigint {
  const most = random.weighted([
    [8, 0],
    [6, 15],
    [3, 120],
    [isUrgent ? 0.3 : 2, 900],
    [0.2, 6_000],
  ]);
  return BigInt(most === 0 ? 0 : 1 + random.below(most));
}
