import type { TransactionReceipt } from "ethers";
import type { House } from "./house.ts";

export function gasOf(receipt: TransactionReceipt): number {
  return Number(receipt.gasUsed);
}

const TRANSACTION_GAS = 21_000;

/** Of a view that was sent as a transaction: less what every transaction costs, and its calldata. */
export function viewGasOf(receipt: TransactionReceipt, data: string): number {
  return gasOf(receipt) - TRANSACTION_GAS - calldataGas(data);
}

/** 4 for a zero byte, 16 for any other. */
function calldataGas(data: string): number {
  const bytes = data.slice(2).match(/../g) ?? [];
  return bytes.reduce((gas, byte) => gas + (byte === "00" ? 4 : 16), 0);
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
