import { Transaction } from "ethers";
import { RpcError } from "../../../keepers/src/rpc/rpcError.ts";
import type { Receipt } from "../../../keepers/src/rpc/wire.ts";
import type { LaneChain } from "../../../keepers/src/send/lane.ts";
import { hashOf } from "./fakeNode.ts";

/** A node with a pool of transactions of one sender, which includes them when told to. */
export class FakeMempool implements LaneChain {
  /** The transaction of each nonce that pays most. */
  readonly #pending = new Map<number, Transaction>();
  readonly #receipts = new Map<string, Receipt>();
  /** Data of everything included, in order. */
  readonly included: string[] = [];
  /** Every signature handed over. */
  readonly handed: Transaction[] = [];
  nonce = 0;
  tip = 1_000_000_000n;
  /** Called with each signature; may throw before or after it is taken. */
  onHand: (transaction: Transaction) => "take" | "lose" = () => "take";

  async transactionCount(): Promise<number> {
    return this.nonce;
  }

  async priorityFee(): Promise<bigint> {
    return this.tip;
  }

  async receipt(hash: string): Promise<Receipt | null> {
    return this.#receipts.get(hash) ?? null;
  }

  async sendRaw(raw: string): Promise<string> {
    const transaction = Transaction.from(raw);
    this.handed.push(transaction);
    if (this.onHand(transaction) === "take") this.#take(transaction);
    return transaction.hash ?? "";
  }

  #take(transaction: Transaction): void {
    if (transaction.nonce < this.nonce) throw refusal("nonce too low");
    const known = this.#pending.get(transaction.nonce);
    if (known?.hash === transaction.hash && known !== undefined) throw refusal("already known");
    if (known !== undefined) {
      const isHigher =
        10n * (transaction.maxFeePerGas ?? 0n) >= 11n * (known.maxFeePerGas ?? 0n) &&
        10n * (transaction.maxPriorityFeePerGas ?? 0n) >= 11n * (known.maxPriorityFeePerGas ?? 0n);
      if (!isHigher) throw refusal("replacement transaction underpriced");
    }
    this.#pending.set(transaction.nonce, transaction);
  }

  /** Includes what follows the nonce. `block` is where. */
  mine(block: number, status = 1n): void {
    for (
      let next = this.#pending.get(this.nonce);
      next !== undefined;
      next = this.#pending.get(this.nonce)
    ) {
      this.#pending.delete(this.nonce);
      this.nonce += 1;
      this.included.push(next.data);
      this.#receipts.set(next.hash ?? "", {
        transactionHash: next.hash ?? "",
        blockNumber: block,
        blockHash: hashOf(block),
        status,
        gasUsed: 21_000n,
        logs: [],
      });
    }
  }

  /** Somebody else with the same key uses the next nonce. */
  useNonce(): void {
    this.#pending.delete(this.nonce);
    this.nonce += 1;
  }

  /** The block that included the last transaction is gone; the node has forgotten the transaction too. */
  undoLast(): void {
    const [hash] = [...this.#receipts.keys()].slice(-1);
    if (hash !== undefined) this.#receipts.delete(hash);
    this.included.pop();
    this.nonce -= 1;
  }
}

function refusal(message: string): RpcError {
  return new RpcError({ code: -32000, message, data: undefined });
}
