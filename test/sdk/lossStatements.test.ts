import { expect } from "chai";
import { Interface, type Log, toBeHex } from "ethers";
import { clearingHouseAbi } from "../../sdk/src/abis/ClearingHouse.ts";
import { accountIdOf } from "../../sdk/src/accountId.ts";
import { lossStatements } from "../../sdk/src/lossStatements.ts";

const HOUSE = "0x00000000000000000000000000000000000000A1";
const ACCOUNT = accountIdOf("0x00000000000000000000000000000000000000B2");
const coder = new Interface(clearingHouseAbi);

/** A chain that has these events, and remembers what it was asked for. */
function chainWith(events: readonly { name: string; args: readonly unknown[] }[]) {
  const asked: unknown[] = [];
  const logs = events.map(({ name, args }, i) => ({
    ...coder.encodeEventLog(name, [...args]),
    address: HOUSE,
    blockNumber: 100 + i,
    transactionHash: toBeHex(i + 1, 32),
  }));
  const provider = {
    call: () => Promise.reject(new Error("no call is made")),
    getLogs: (filter: unknown) => {
      asked.push(filter);
      return Promise.resolve(logs);
    },
  };
  return { provider, asked };
}

describe("lossStatements", () => {
  it("says before and after, block and transaction of every payment, and what was to come back", async () => {
    const { provider, asked } = chainWith([
      { name: "TierPaid", args: [2n, 3n, ACCOUNT, 40n, 100n, 60n] },
      { name: "TierRepaid", args: [2n, 3n, ACCOUNT, 25n] },
    ]);
    const statements = await lossStatements({
      provider: reading(provider),
      house: HOUSE,
      account: ACCOUNT,
      fromBlock: 7,
    });
    expect(statements).to.deep.equal([
      {
        kind: "paid",
        market: 2,
        tier: 3,
        amountUsd: 40n,
        cashBeforeUsd: 100n,
        cashAfterUsd: 60n,
        blockNumber: 100,
        transactionHash: toBeHex(1, 32),
      },
      {
        kind: "repaid",
        market: 2,
        tier: 3,
        amountUsd: 25n,
        cashBeforeUsd: null,
        cashAfterUsd: null,
        blockNumber: 101,
        transactionHash: toBeHex(2, 32),
      },
    ]);
    expect(asked).to.deep.equal([
      {
        address: HOUSE,
        topics: [
          [coder.getEvent("TierPaid")?.topicHash, coder.getEvent("TierRepaid")?.topicHash],
          null,
          null,
          toBeHex(ACCOUNT, 32),
        ],
        fromBlock: 7,
        toBlock: "latest",
      },
    ]);
  });
});

type Reader = Parameters<typeof lossStatements>[0]["provider"];

/** The parts of ethers' logs that are read. */
function reading(provider: {
  call: () => Promise<never>;
  getLogs: (filter: unknown) => Promise<readonly object[]>;
}): Reader {
  const isLog = (log: object): log is Log => "topics" in log && "data" in log;
  return {
    call: provider.call,
    getLogs: async (filter) => (await provider.getLogs(filter)).filter(isLog),
  };
}
