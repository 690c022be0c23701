import type { Abi, EventOf } from "./abi.ts";
import { type AccountId, formatAccountId } from "./accountId.ts";
import type { TypedContract } from "./typedContract.ts";

/** One event of a contract, and where it is. */
export interface HistoryEntry<A extends Abi> {
  readonly blockNumber: number;
  readonly logIndex: number;
  readonly transactionHash: string;
  readonly event: EventOf<A>;
}

/** Who has the logs: a provider of ethers, or anything that answers as it does. */
export interface LogSource {
  getLogs(filter: {
    readonly address: string;
    readonly topics: (string | string[] | null)[];
    readonly fromBlock: number;
    readonly toBlock: number;
  }): Promise<
    readonly {
      readonly address: string;
      readonly topics: readonly string[];
      readonly data: string;
      readonly blockNumber: number;
      readonly index: number;
      readonly transactionHash: string;
    }[]
  >;
}

export interface HistoryQuery {
  readonly account: AccountId;
  /** First block asked about; a deployment's first is in its manifest. */
  readonly fromBlock: number;
  /** Last block asked about, included. */
  readonly toBlock: number;
  /** Blocks asked about at once: nodes refuse too many. */
  readonly pageBlocks?: number;
}

const PAGE_BLOCKS = 10_000;

/** What happened to an account at a contract, oldest first: every event that names it, be it as counterparty, keeper or heir of a position. */
export async function historyOf<const A extends Abi>(
  {
    abi,
    contract,
    provider,
  }: {
    readonly abi: A;
    readonly contract: TypedContract<A>;
    readonly provider: LogSource;
  },
  { account, fromBlock, toBlock, pageBlocks = PAGE_BLOCKS }: HistoryQuery,
): Promise<HistoryEntry<A>[]> {
  if (fromBlock < 0 || toBlock < fromBlock || pageBlocks < 1) {
    throw new RangeError(
      `Blocks ${fromBlock} to ${toBlock} in pages of ${pageBlocks} are no range; ask from an earlier to a later block, at least one at once`,
    );
  }
  const places = placesOf(abi, contract);
  const found = new Map<string, HistoryEntry<A>>();
  for (let first = fromBlock; first <= toBlock; first += pageBlocks) {
    const last = Math.min(first + pageBlocks - 1, toBlock);
    for (const [place, eventTopics] of places) {
      const between = Array.from({ length: place - 1 }, () => null);
      const logs = await provider.getLogs({
        address: contract.address,
        topics: [eventTopics, ...between, formatAccountId(account)],
        fromBlock: first,
        toBlock: last,
      });
      for (const log of logs) {
        const event = contract.parseLog(log);
        if (event === undefined) continue;
        const { blockNumber, index: logIndex, transactionHash } = log;
        found.set(`${blockNumber}/${logIndex}`, { blockNumber, logIndex, transactionHash, event });
      }
    }
  }
  return [...found.values()].sort(
    (a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex,
  );
}

/** Topics of the events that have an account as their first, second or third indexed value, by that number. */
function placesOf(
  abi: Abi,
  contract: { readonly interface: TypedContract<Abi>["interface"] },
): Map<number, string[]> {
  const places = new Map<number, string[]>();
  for (const { type, name, inputs = [] } of abi) {
    const topic =
      type === "event" && name !== undefined && contract.interface.getEvent(name)?.topicHash;
    if (typeof topic !== "string") continue;
    for (const [index, input] of inputs.filter(isIndexed).entries()) {
      if (!isAccount(input)) continue;
      places.set(index + 1, [...(places.get(index + 1) ?? []), topic]);
    }
  }
  return places;
}

function isIndexed(input: object): boolean {
  return "indexed" in input && input.indexed === true;
}

function isAccount(input: object): boolean {
  return "internalType" in input && input.internalType === "AccountId";
}
