import { expect } from "chai";
import { toBeHex } from "ethers";
import { clearingHouseAbi } from "../../sdk/src/abis/ClearingHouse.ts";
import { delayedOrdersAbi } from "../../sdk/src/abis/DelayedOrders.ts";
import { accountIdOf } from "../../sdk/src/accountId.ts";
import { historyOf, type LogSource } from "../../sdk/src/history.ts";
import { typedContract } from "../../sdk/src/typedContract.ts";

const OWNER = "0x694AA1769357215DE4FAC081bf1f309aDC325306";
const account = accountIdOf(OWNER, 2n);
const other = accountIdOf(OWNER, 3n);
const VENUE = "0x1b44F3514812d835EB1BDB0acB33d3fA3351Ee43";
const caller = { call: async () => "0x" };
const house = typedContract(clearingHouseAbi, OWNER, caller);

const orders = typedContract(delayedOrdersAbi, VENUE, caller);

type Logs = Awaited<ReturnType<LogSource["getLogs"]>>;

/** The log of an event, in a block and at a place of it. */
function logOf(
  { address, interface: coder }: Pick<typeof house, "address" | "interface">,
  [blockNumber, index]: readonly [number, number],
  name: string,
  values: readonly unknown[],
): Logs[number] {
  const { data, topics } = coder.encodeEventLog(name, [...values]);
  return { address, data, topics, blockNumber, index, transactionHash: toBeHex(blockNumber, 32) };
}

/** A node that has these logs, filters them as nodes do, and notes the ranges it was asked for. */
function nodeWith(logs: Logs) {
  const asked = new Set<string>();
  const provider: LogSource = {
    async getLogs({ address, topics, fromBlock, toBlock }) {
      asked.add(`${fromBlock}-${toBlock}`);
      return logs.filter(
        (log) =>
          log.address === address &&
          log.blockNumber >= fromBlock &&
          log.blockNumber <= toBlock &&
          topics.every(
            (topic, place) => topic === null || [topic].flat().includes(log.topics[place] ?? ""),
          ),
      );
    },
  };
  return { asked, provider };
}

describe("historyOf", () => {
  const { asked, provider } = nodeWith([
    logOf(house, [30, 4], "PositionMoved", [other, 0, account, -5n, 7n]),
    logOf(house, [30, 1], "PositionMoved", [account, 0, account, 1n, 2n]),
    logOf(house, [4, 0], "Deposited", [account, OWNER, 10n, 10n, 1n]),
    logOf(house, [5, 0], "Deposited", [other, OWNER, 10n, 10n, 1n]),
    // Another contract's log, two that have its number where no account is, and one out of range.
    logOf({ ...house, address: VENUE }, [5, 1], "Deposited", [account, OWNER, 1n, 1n, 1n]),
    logOf(house, [6, 0], "TornUp", [0, account, 1n, 1n, 1n]),
    logOf(house, [6, 1], "PoolTornUp", [other, 0, account, 1n, 1n, 1n, 1n, 1n, 1n, 1n]),
    logOf(house, [41, 0], "Deposited", [account, OWNER, 9n, 9n, 2n]),
    logOf(orders, [8, 0], "OrderCancelled", [account, other, 0]),
    logOf(orders, [9, 0], "OrderCancelled", [1n, account, 0]),
  ]);
  const asksHouse = { abi: clearingHouseAbi, contract: house, provider };

  it("tells what names the account in any place, once and oldest first", async () => {
    const history = await historyOf(asksHouse, { account, fromBlock: 0, toBlock: 40 });
    expect(
      history.map(({ blockNumber, logIndex, event }) => [blockNumber, logIndex, event.name]),
    ).to.deep.equal([
      [4, 0, "Deposited"],
      [30, 1, "PositionMoved"],
      [30, 4, "PositionMoved"],
    ]);
    const [first, , last] = history;
    expect(first?.transactionHash).to.equal(toBeHex(4, 32));
    if (last?.event.name !== "PositionMoved") throw new Error("The last event is another");
    expect(last.event.args).to.deep.include({ account: other, to: account, size: -5n, quote: 7n });
  });

  it("takes no order's number for an account", async () => {
    const asksOrders = { abi: delayedOrdersAbi, contract: orders, provider };
    const history = await historyOf(asksOrders, { account, fromBlock: 0, toBlock: 40 });
    expect(history.map(({ blockNumber }) => blockNumber)).to.deep.equal([9]);
  });

  it("asks page by page, every block once", async () => {
    asked.clear();
    const query = { account, fromBlock: 4, toBlock: 41, pageBlocks: 19 };
    expect(await historyOf(asksHouse, query)).to.have.length(4);
    expect([...asked]).to.deep.equal(["4-22", "23-41"]);
    asked.clear();
    expect(await historyOf(asksHouse, { ...query, toBlock: 4 })).to.have.length(1);
    expect([...asked]).to.deep.equal(["4-4"]);
  });

  it("refuses what is no range", async () => {
    for (const wrong of [{ fromBlock: 6 }, { fromBlock: -1 }, { pageBlocks: 0 }]) {
      const query = { account, fromBlock: 0, toBlock: 5, ...wrong };
      const attempt = historyOf(asksHouse, query).then(
        () => "",
        (error: unknown) => String(error),
      );
      expect(await attempt).to.match(/^RangeError: Blocks .* are no range; ask from/);
    }
  });
});
