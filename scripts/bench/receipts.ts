import type { TransactionReceipt } from "ethers";
import type { House } from "./house.ts";

export function gasOf(receipt: TransactionReceipt): number {
  return Number(receipt.gasUsed);
}

export async function lastOf(receipts: Promise<TransactionReceipt[]>) {
  const last = (await receipts).at(-1);
  if (last === undefined) throw new Error("no transaction was mined");
  return last;
}

/** A figure counts only if the transaction did what its name says. */
export function expectEvents(
  { interface: coder }: House["house"],
  receipt: TransactionReceipt,
  name: string,
  count: number,
) {
  const found = receipt.logs.filter((log) => coder.parseLog(log)?.name === name).length;
  if (found !== count) throw new Error(`${found} events ${name} where ${count} were to come`);
}
