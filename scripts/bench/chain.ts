import type { TransactionReceipt, TransactionResponse } from "ethers";
import hre from "hardhat";

/** Far ahead of every wall clock the network starts with, so that only the bench moves time. */
const GENESIS = "2030-01-01T00:00:00Z";
const FIRST_TIMESTAMP = Date.parse(GENESIS) / 1_000 + 86_400;
const BLOCK_SECONDS = 2;

/** Enough for any transaction here; fixed, so that nothing is estimated. */
const GAS_LIMIT = 12_000_000;

type Overrides = { readonly gasLimit: number };
type Send = (overrides: Overrides) => Promise<TransactionResponse>;
export type Chain = Awaited<ReturnType<typeof openChain>>;

/** An in-process network on which every transaction has a block of its own, at times that are the same in every run. */
export async function openChain() {
  await hre.tasks.getTask("build").run({ noTests: true, quiet: true });
  const connection = await hre.network.create({ override: { initialDate: GENESIS } });
  const { ethers } = connection;
  let now = FIRST_TIMESTAMP;

  async function send(transaction: Send): Promise<TransactionReceipt> {
    now += BLOCK_SECONDS;
    await ethers.provider.send("evm_setNextBlockTimestamp", [now]);
    const response = await transaction({ gasLimit: GAS_LIMIT });
    const receipt = await response.wait();
    if (receipt === null) throw new Error(`transaction ${response.hash} was not mined`);
    return receipt;
  }

  return {
    ethers,
    send,
    /** Sends several, all in one block. */
    async sendInOneBlock(transactions: readonly Send[]): Promise<TransactionReceipt[]> {
      now += BLOCK_SECONDS;
      await ethers.provider.send("evm_setAutomine", [false]);
      const responses: TransactionResponse[] = [];
      for (const transaction of transactions) {
        responses.push(await transaction({ gasLimit: GAS_LIMIT }));
      }
      await ethers.provider.send("evm_setNextBlockTimestamp", [now]);
      await ethers.provider.send("evm_mine", []);
      await ethers.provider.send("evm_setAutomine", [true]);
      const receipts = await Promise.all(responses.map((response) => response.wait()));
      return receipts.filter((receipt) => receipt !== null);
    },
    now: () => now,
    /** Gives the next block its time, for a transaction that goes another way than `send`. */
    async tick() {
      now += BLOCK_SECONDS;
      await ethers.provider.send("evm_setNextBlockTimestamp", [now]);
    },
    skip(seconds: number) {
      now += seconds;
    },
    /** Runs `work` and takes everything it did back. */
    async undone<T>(work: () => Promise<T>): Promise<T> {
      const before = now;
      const snapshot: string = await ethers.provider.send("evm_snapshot", []);
      const result = await work();
      await ethers.provider.send("evm_revert", [snapshot]);
      now = before;
      return result;
    },
    close: () => connection.close(),
  };
}
