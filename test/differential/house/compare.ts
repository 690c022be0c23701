import type { Interface } from "ethers";
import { ACTORS, KEEPER } from "../../model/action.ts";
import type { Log, LogValue } from "../../model/call.ts";
import { lineOf } from "../../model/creditLine.ts";
import { totalAssets } from "../../model/creditVault.ts";
import { debtOf } from "../../model/debts.ts";
import { draftOf } from "../../model/draft.ts";
import { multipliersSeen } from "../../model/multipliers.ts";
import type { AccountName, HouseState, MarketId } from "../../model/state.ts";
import {
  BACKSTOP,
  FUND,
  LENDERS,
  PROTOCOL,
  poolOf,
  SYSTEM_KINDS,
  systemAccountOf,
} from "../../model/terms.ts";
import {
  type Answer,
  accountState,
  callAt,
  endState,
  eventState,
  freeCashSeen,
  marginOf,
  marketState,
  planSeen,
  positionState,
} from "../../model/views.ts";
import type { World } from "./world.ts";

/** What is asked of the house, and what the model answers. */
interface Question {
  readonly about: string;
  readonly data: string;
  readonly expected: Answer;
}

const EVENTS_COMPARED = 4;

/** Everything that the house and the model differ in; empty where they agree. */
export async function differences(world: World, state: HouseState, now: bigint): Promise<string[]> {
  const questions = questionsOf(world, state, now);
  const ofVault = creditQuestions(world, state, now);
  const ofRisk = world.ids.map((id) => ({
    about: `multipliers of ${id}`,
    data: world.risk.transaction("multipliersOf", [id]).data,
    expected: { ...multipliersSeen(callAt(state, now), id) },
  }));
  const answers = [
    ...(await world.view(questions.map(({ data }) => data))),
    ...(await world.viewAt(ofVault.map(({ data }) => ({ to: world.credit.vault.address, data })))),
    ...(await world.viewAt(ofRisk.map(({ data }) => ({ to: world.risk.address, data })))),
  ];
  return [...questions, ...ofVault, ...ofRisk].flatMap(({ about, expected }, index) => {
    const words = answers[index] ?? [];
    return Object.entries(expected).flatMap(([field, value], place) => {
      const answered = words[place];
      if (answered === value) return [];
      return [`${about}.${field}: house ${answered}, model ${value}`];
    });
  });
}

function questionsOf({ coder, idOf, ids }: World, state: HouseState, now: bigint): Question[] {
  const call = callAt(draftOf(state), now);
  const ask = (about: string, name: string, args: readonly unknown[], expected: Answer) => ({
    about,
    data: dataOf(coder, name, args),
    expected,
  });
  const inOneMarket = ids.flatMap((id) => {
    const names = [poolOf(id), ...SYSTEM_KINDS.map((kind) => systemAccountOf(id, kind))];
    return names.map((name) => [name, [id]] as const);
  });
  const everybody: readonly (readonly [AccountName, readonly MarketId[]])[] = [
    ...[...ACTORS, KEEPER, FUND, PROTOCOL, BACKSTOP, LENDERS].map((name) => [name, ids] as const),
    ...inOneMarket,
  ];
  const accounts = everybody.map(([name]) =>
    ask(name, "accountOf", [idOf(name)], accountState(call, name)),
  );
  const positions = everybody.flatMap(([name, markets]) =>
    markets.flatMap((id) => {
      const { eventsSeen, ...rest } = positionState(call, name, id);
      const isEmpty = rest.storedSize === 0n && rest.storedQuote === 0n;
      // Where nothing is stored, nothing has been seen either.
      const expected = isEmpty || eventsSeen === undefined ? rest : { ...rest, eventsSeen };
      return ask(`${name} in ${id}`, "positionOf", [idOf(name), id], expected);
    }),
  );
  const markets = ids.map((id) => ask(`market ${id}`, "marketOf", [id], marketState(call, id)));
  const ends = ids.map((id) => ask(`end of ${id}`, "windDownOf", [id], endState(call, id)));
  const events = ids.flatMap((id) => {
    const known = state.markets.get(id)?.events ?? [];
    const first = Math.max(0, known.length - EVENTS_COMPARED);
    return known.slice(first).map((event, i) => {
      const number = BigInt(first + i + 2);
      return ask(`event ${number} of ${id}`, "eventOf", [id, number], eventState(event));
    });
  });
  const margins = ACTORS.flatMap((name) =>
    (["Maintenance", "Initial"] as const).flatMap((kind, code) => {
      const judgement = marginOf(call, name, kind);
      if (judgement === undefined) return [];
      const { equity, required } = judgement;
      const expected = { equityUsd: equity, requiredUsd: required };
      return [ask(`${kind} of ${name}`, "marginOf", [idOf(name), BigInt(code)], expected)];
    }),
  );
  const freeCash = ACTORS.flatMap((name) => {
    const freeCashUsd = freeCashSeen(call, name);
    if (freeCashUsd === undefined) return [];
    return [ask(`free cash of ${name}`, "freeCashOf", [idOf(name)], { freeCashUsd })];
  });
  const plans = ACTORS.flatMap((name) =>
    [...(state.accounts.get(name)?.markets ?? [])].map((id) =>
      ask(
        `plan for ${name} in ${id}`,
        "previewLiquidation",
        [idOf(name), id],
        planSeen(call, name, id),
      ),
    ),
  );
  const total = ask("house", "totalShortfallUsd", [], { totalShortfallUsd: state.shortfall });
  return [
    ...accounts,
    ...positions,
    ...markets,
    ...ends,
    ...events,
    ...margins,
    ...freeCash,
    ...plans,
    total,
  ];
}

/** What is asked of the credit vault. */
function creditQuestions({ credit, idOf }: World, state: HouseState, now: bigint): Question[] {
  const call = callAt(draftOf(state), now);
  const borrowers = ACTORS.filter((name) => state.accounts.get(name)?.hasCredit === true);
  const { data } = credit.vault.transaction("totalAssets", []);
  return [
    { about: "lenders", data, expected: { totalAssets: totalAssets(call) } },
    ...borrowers.flatMap((name) => [
      {
        about: `debt of ${name}`,
        data: credit.vault.transaction("debtOf", [idOf(name)]).data,
        expected: { debtUsd: debtOf(call, name) },
      },
      {
        about: `line of ${name}`,
        data: credit.vault.transaction("lineOf", [idOf(name), 1n]).data,
        expected: { lineUsd: lineOf(call, name, "Initial") },
      },
    ]),
  ];
}

const encoded = new Map<string, string>();

/** Calls are made again and again. */
function dataOf(coder: Interface, name: string, args: readonly unknown[]): string {
  const key = `${name} ${args.join(" ")}`;
  const data = encoded.get(key) ?? coder.encodeFunctionData(name, [...args]);
  encoded.set(key, data);
  return data;
}

const WORDS: ReadonlyMap<string, bigint> = new Map([
  ["Invalid", 0n],
  ["Valid", 1n],
  ["Stale", 2n],
  ["OutOfBounds", 4n],
  ["Jump", 5n],
  ["Open", 1n],
  ["ReduceOnly", 2n],
  ["Halted", 3n],
  ["WoundDown", 4n],
]);

/** A log or error in the house's own words: accounts and codes as numbers, addresses left out. */
export function plain({ names, addresses, labels }: World, { name, args }: Log): string {
  const known = new Set(names.values());
  const text = (value: LogValue): string => {
    if (typeof value === "bigint") return names.get(value) ?? labels.get(value) ?? String(value);
    if (known.has(value)) return value;
    if (/^0x[0-9a-fA-F]{40}$/.test(value)) return addresses.get(value) ?? "somebody";
    return String(WORDS.get(value) ?? value);
  };
  return `${name}(${args.map(text).join(", ")})`;
}
