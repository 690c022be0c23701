import type { HouseState, MarketId } from "../../model/state.ts";
import type { HouseTerms, Terms } from "../../model/terms.ts";
import { Random } from "./random.ts";
import { replayed } from "./seeds.ts";
import type { World } from "./world.ts";

/** Something made wrong on one side only, which a comparison that means anything notices. */
export interface Fault {
  readonly name: string;
  /** The first seed of those tried at which it is noticed, and after how many actions; null where it is not. */
  readonly noticed: { readonly seed: number; readonly actions: number } | null;
}

/** How many sequences a fault may hide in. */
const TRIES = 16;

/** Whether the comparison notices that one side is not what it should be. */
async function noticedIn(world: World, from: HouseState): Promise<Fault["noticed"]> {
  for (let seed = 1; seed <= TRIES; seed += 1) {
    let actions = 0;
    try {
      const found = await replayed(world, seed, new Map(), from);
      if (found === undefined) continue;
      actions = found.actions.length;
    } catch {
      // A house that cannot be asked any more, or a model that is told what cannot be.
    }
    return { seed, actions };
  }
  return null;
}

/** One after the other each of a market's terms is a millionth, or a second, too large in the model. */
export async function* termFaults(world: World, market: MarketId): AsyncGenerator<Fault> {
  for (const [name, terms] of wrongTerms(world.firstState.terms, market)) {
    yield { name, noticed: await noticedIn(world, { ...world.firstState, terms }) };
  }
}

/** Terms that no sequence can show, and why. */
const WITHOUT_EFFECT: ReadonlyMap<string, string> = new Map([
  ["feed.floor", "no price comes near it"],
  ["feed.ceiling", "no price comes near it"],
]);

function* wrongTerms(all: HouseTerms, market: MarketId): Generator<[string, HouseTerms]> {
  const terms = all.markets.get(market);
  if (terms === undefined) throw new RangeError(`No market ${market}`);
  const changed = (part: Partial<Terms>): HouseTerms => ({
    ...all,
    markets: new Map(all.markets).set(market, { ...terms, ...part }),
  });
  for (const group of ["market", "risk", "cover", "liquidation", "insurance", "feed"] as const) {
    for (const [field, value] of Object.entries(terms[group])) {
      const name = `${group}.${field}`;
      if (WITHOUT_EFFECT.has(name) || typeof value !== "bigint") continue;
      yield [name, changed({ [group]: { ...terms[group], [field]: enlarged(value) } })];
    }
  }
  yield ["auctionSeconds", changed({ auctionSeconds: terms.auctionSeconds + 1n })];
  yield ["depositUsd", { ...all, depositUsd: all.depositUsd + 10n ** 16n }];
  yield ["backstopShare", { ...all, backstopShare: enlarged(all.backstopShare) }];
}

function enlarged(value: bigint): bigint {
  return value + value / 1_000_000n + 1n;
}

const SWAPPED: ReadonlyMap<number, number> = new Map([
  [0x01, 0x03], // ADD, SUB
  [0x03, 0x01],
  [0x02, 0x01], // MUL, ADD
  [0x04, 0x02], // DIV, MUL
  [0x10, 0x11], // LT, GT
  [0x11, 0x10],
  [0x12, 0x13], // SLT, SGT
  [0x13, 0x12],
  [0x16, 0x17], // AND, OR
]);

/** Single instructions of the deployed libraries are replaced, one at a time, at places that a seed determines. */
export async function* codeFaults(
  world: World,
  seed: number,
  count: number,
): AsyncGenerator<Fault> {
  const random = new Random(seed);
  const codes = await world.libraryCodes();
  const places = [...codes].flatMap(([name, { address, code }]) =>
    instructionsOf(code).map((at) => ({ name, address, code, at })),
  );
  for (let i = 0; i < count; i += 1) {
    const { name, address, code, at } = random.pick(places);
    const faulty = Uint8Array.from(code);
    faulty[at] = SWAPPED.get(code[at] ?? 0) ?? 0;
    await world.setCode(address, faulty);
    try {
      const what = `${name} at ${at}: ${hex(code[at])} for ${hex(faulty[at])}`;
      yield { name: what, noticed: await noticedIn(world, world.firstState) };
    } finally {
      await world.setCode(address, code);
    }
  }
}

function hex(byte: number | undefined): string {
  return `0x${(byte ?? 0).toString(16).padStart(2, "0")}`;
}

/** Places of instructions that can be swapped; what follows a PUSH is data, and the last bytes say how it was compiled. */
function instructionsOf(code: Uint8Array): number[] {
  const metadata = (code.at(-2) ?? 0) * 256 + (code.at(-1) ?? 0) + 2;
  const places: number[] = [];
  for (let at = 0; at < code.length - metadata; at += 1) {
    const instruction = code[at] ?? 0;
    if (SWAPPED.has(instruction)) places.push(at);
    if (instruction >= 0x60 && instruction <= 0x7f) at += instruction - 0x5f;
  }
  return places;
}
