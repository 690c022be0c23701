import { Transaction, type Wallet } from "ethers";
import { FatalError, messageOf, RetryableError, SkippedError } from "../failures.ts";
import type { Log } from "../log.ts";
import type { Receipt } from "../rpc/wire.ts";
import type { Attempt, Fees, Intent, Outbox } from "../store/outbox.ts";
import { type FeeLimits, firstFees, replacementFees } from "./fees.ts";
import { verdictOf } from "./sendErrors.ts";

/** What a lane asks of a chain. */
export interface LaneChain {
  transactionCount(address: string, tag: "latest" | "pending"): Promise<number>;
  priorityFee(): Promise<bigint>;
  receipt(hash: string): Promise<Receipt | null>;
  sendRaw(raw: string): Promise<string>;
}

export interface LaneOptions {
  readonly chain: LaneChain;
  readonly outbox: Outbox;
  readonly wallet: Wallet;
  readonly chainId: number;
  readonly limits: FeeLimits;
  /** {ms} Without a receipt for so long, a transaction is replaced. */
  readonly replaceAfterMs: number;
  readonly log: Log;
  /** {ms} A clock; faked in tests. */
  readonly now?: () => number;
}

/** What became of a transaction. */
export interface Settled {
  readonly intent: Intent;
  /** Null when another transaction used the nonce. */
  readonly receipt: Receipt | null;
}

export interface Submission {
  readonly subject: string;
  readonly kind: string;
  readonly to: string;
  readonly data: string;
  readonly gasLimit: bigint;
  /** {wei/gas} */
  readonly baseFeePerGas: bigint;
}

interface InFlight {
  intent: Intent;
  sentAtMs: number;
  resentAtMs: number;
}

/** {ms} Between two hand-overs of the same signature, for nodes that forgot it. */
const RESEND_MS = 5_000;
const MAX_NONCES_TRIED = 4;

/**
 * The one place that uses a wallet's nonces. Each transaction is written down before it is signed and again before it leaves; all signatures of one
 * intent share its nonce, so the chain includes at most one of them whatever the process, the network or a restart does.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #now: () => number;
  readonly #inFlight = new Map<number, InFlight>();
  #nextNonce: number | undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  get address(): string {
    return this.#options.wallet.address;
  }

  get inFlight(): readonly Intent[] {
    return [...this.#inFlight.values()].map(({ intent }) => intent);
  }

  /** Takes up what an earlier process left. Its signatures are handed over again: they may be on their way already, and their nonces are taken either way. */
  async recover(): Promise<{ dropped: number; reopened: number }> {
    const { outbox } = this.#options;
    const dropped = outbox.dropPlanned("the process ended before signing");
    this.#inFlight.clear();
    this.#track(outbox.open());
    await this.#syncNonce();
    for (const flight of this.#inFlight.values()) await this.#resend(flight);
    return { dropped, reopened: this.#inFlight.size };
  }

  /** Receipts above `block` are gone: watches their transactions again. */
  async reopenAbove(block: number): Promise<void> {
    this.#options.outbox.reopenAbove(block);
    this.#track(this.#options.outbox.open());
    for (const flight of this.#inFlight.values()) await this.#resend(flight);
  }

  /** Signs and sends. Returns the hash of the first attempt; `poll` tells what became of it. */
  async submit(submission: Submission): Promise<string> {
    const { outbox, limits, chain } = this.#options;
    const id = outbox.plan({
      subject: submission.subject,
      kind: submission.kind,
      target: submission.to,
      data: submission.data,
    });
    const fees = firstFees({
      baseFeePerGas: submission.baseFeePerGas,
      suggestedPriorityFee: await chain.priorityFee(),
      limits,
    });
    if (fees === null) {
      outbox.drop(id, "base fee beyond the limit");
      throw new SkippedError(
        `The base fee of ${submission.baseFeePerGas} wei is not below the highest fee of ${limits.maxFeePerGas} wei (maxFeeGwei)`,
      );
    }
    for (let tries = 0; ; tries++) {
      const nonce = this.#nextNonce ?? (await this.#syncNonce());
      const draft = { id, nonce, ...submission, target: submission.to, attempts: [] };
      const attempt = await this.#sign(draft, fees);
      outbox.sign({ id, nonce, gasLimit: submission.gasLimit, attempt });
      this.#nextNonce = nonce + 1;
      const flight: InFlight = {
        intent: { ...draft, attempts: [attempt] },
        sentAtMs: this.#now(),
        resentAtMs: this.#now(),
      };
      this.#inFlight.set(id, flight);
      const verdict = await this.#hand(attempt);
      if (verdict === "sent" || verdict === "known" || verdict === "unknown") return attempt.hash;
      this.#inFlight.delete(id);
      const isLast = verdict !== "nonceUsed" || tries === MAX_NONCES_TRIED - 1;
      // Dropped first: a nonce that nothing carries is free again.
      if (isLast) outbox.drop(id, verdict);
      await this.#syncNonce();
      if (!isLast) continue;
      if (verdict === "unfunded") {
        throw new SkippedError(
          `The wallet ${this.address} cannot pay for the transaction: send it gas money`,
        );
      }
      throw new RetryableError(`The node refused the transaction (${verdict})`);
    }
  }

  /** Looks for receipts; replaces what waits too long. Returns what has come to an end. */
  async poll(baseFeePerGas: bigint): Promise<Settled[]> {
    const ended: Settled[] = [];
    if (this.#inFlight.size === 0) return ended;
    let used: number | undefined;
    for (const [id, flight] of this.#inFlight) {
      // Asked before the receipts: a nonce used and a receipt not found then means another's transaction.
      used ??= await this.#options.chain.transactionCount(this.address, "latest");
      const receipt = await this.#receiptOf(flight.intent);
      if (receipt !== null) {
        const outcome = receipt.status === 1n ? "success" : "reverted";
        this.#options.outbox.mined({ id, outcome, block: receipt.blockNumber });
      } else if (used > flight.intent.nonce) {
        this.#options.outbox.drop(id, "its nonce was used by another transaction");
      } else {
        await this.#push(flight, baseFeePerGas);
        continue;
      }
      this.#inFlight.delete(id);
      ended.push({ intent: flight.intent, receipt });
    }
    if (this.#inFlight.size === 0) this.#nextNonce = undefined;
    return ended;
  }

  #track(intents: readonly Intent[]): void {
    for (const intent of intents) {
      if (this.#inFlight.has(intent.id)) continue;
      this.#inFlight.set(intent.id, { intent, sentAtMs: this.#now(), resentAtMs: 0 });
    }
  }

  /** First nonce that neither the chain nor a signature of ours has. */
  async #syncNonce(): Promise<number> {
    const chain = await this.#options.chain.transactionCount(this.address, "latest");
    const own = this.#options.outbox.highestOpenNonce();
    this.#nextNonce = own === null ? chain : Math.max(chain, own + 1);
    return this.#nextNonce;
  }

  async #receiptOf(intent: Intent): Promise<Receipt | null> {
    for (const { hash } of intent.attempts.toReversed()) {
      const receipt = await this.#options.chain.receipt(hash);
      if (receipt !== null) return receipt;
    }
    return null;
  }

  /** Replaces a transaction that waits too long; hands it over again from time to time before. */
  async #push(flight: InFlight, baseFeePerGas: bigint): Promise<void> {
    const { limits, chain, outbox, log, replaceAfterMs } = this.#options;
    if (this.#now() - flight.sentAtMs < replaceAfterMs) {
      if (this.#now() - flight.resentAtMs >= RESEND_MS) await this.#resend(flight);
      return;
    }
    const last = lastOf(flight.intent);
    const fees = replacementFees({
      previous: last.fees,
      baseFeePerGas,
      suggestedPriorityFee: await chain.priorityFee(),
      limits,
    });
    if (fees === null) {
      log.warn({ msg: "A transaction waits and its fee may not rise further", txHash: last.hash });
      await this.#resend(flight);
      flight.sentAtMs = this.#now();
      return;
    }
    const attempt = await this.#sign(flight.intent, fees);
    outbox.sign({
      id: flight.intent.id,
      nonce: flight.intent.nonce,
      gasLimit: flight.intent.gasLimit,
      attempt,
    });
    flight.intent = { ...flight.intent, attempts: [...flight.intent.attempts, attempt] };
    flight.sentAtMs = this.#now();
    const verdict = await this.#hand(attempt);
    log.info({
      msg: "Replaced a transaction",
      txHash: attempt.hash,
      replaces: last.hash,
      nonce: flight.intent.nonce,
      verdict,
    });
  }

  async #resend(flight: InFlight): Promise<void> {
    flight.resentAtMs = this.#now();
    await this.#hand(lastOf(flight.intent));
  }

  async #hand(attempt: Attempt) {
    try {
      await this.#options.chain.sendRaw(attempt.raw);
      return "sent";
    } catch (error) {
      const verdict = verdictOf(error);
      if (verdict !== "known") {
        this.#options.log.debug({
          msg: "A node did not take a transaction",
          txHash: attempt.hash,
          verdict,
          reason: messageOf(error),
        });
      }
      return verdict;
    }
  }

  async #sign(intent: Intent, fees: Fees): Promise<Attempt> {
    const raw = await this.#options.wallet.signTransaction({
      type: 2,
      chainId: this.#options.chainId,
      nonce: intent.nonce,
      to: intent.target,
      data: intent.data,
      value: 0n,
      gasLimit: intent.gasLimit,
      ...fees,
    });
    const { hash } = Transaction.from(raw);
    if (hash === null) throw new FatalError("The wallet returned a transaction without signature");
    return { hash, raw, fees };
  }
}

function lastOf(intent: Intent): Attempt {
  const last = intent.attempts.at(-1);
  if (last === undefined)
    throw new FatalError(`Intent ${intent.id} is signed and has no signature`);
  return last;
}
