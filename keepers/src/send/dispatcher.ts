import { formatD18, ONE } from "../../../sdk/src/amounts.ts";
import { explainError, type MarketNames, revertDataOf } from "../../../sdk/src/errors.ts";
import type { Action } from "../decide/action.ts";
import { isUnpaid, rewardOf, subjectsOf } from "../decide/action.ts";
import { RetryableError, SkippedError } from "../failures.ts";
import type { ChainClient } from "../rpc/chainClient.ts";
import { RpcError } from "../rpc/rpcError.ts";
import type { ActionEncoder } from "./actionCall.ts";
import type { GasBudget } from "./gasBudget.ts";
import type { Lane } from "./lane.ts";

export interface DispatcherOptions {
  readonly client: Pick<ChainClient, "call" | "estimateGas">;
  readonly encode: ActionEncoder;
  /** Null: nothing is sent. */
  readonly lane: Lane | null;
  /** Who would send. */
  readonly from: string;
  /** D18{USD} Null: rewards are not weighed against gas. */
  readonly minProfitUsd: bigint | null;
  /** D18{USD} per whole native token. */
  readonly nativeTokenUsd: bigint | null;
  /** For calls that nobody pays for. */
  readonly unpaidGas: GasBudget;
  readonly nameOf: MarketNames;
}

/** When an action is sent. */
export interface SendingTime {
  /** {wei/gas} */
  readonly baseFeePerGas: bigint;
  /** {s} Time of the block it was decided at. */
  readonly now: number;
}

export interface Dispatched {
  readonly action: Action;
  readonly subjects: readonly string[];
  /** Null in a dry run. */
  readonly hash: string | null;
  readonly gasLimit: bigint;
}

/** Each narrowing drops at least one item; after a few the rest waits for the next block. */
const MAX_TRIALS = 4;

/** Tries an action out at the pending block, drops what would do nothing, weighs what is left, and sends it. */
export class Dispatcher {
  readonly #options: DispatcherOptions;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Fails with a `SkippedError` that says why nothing was sent. */
  async dispatch(action: Action, { baseFeePerGas, now }: SendingTime): Promise<Dispatched> {
    const { lane, unpaidGas } = this.#options;
    if (isUnpaid(action) && unpaidGas.leftAt(now) === 0n) throw this.#budgetUsedUp(0n);
    const trial = await this.#tryOut(action);
    const { gas } = trial;
    if (isUnpaid(action) && gas > unpaidGas.leftAt(now)) throw this.#budgetUsedUp(gas);
    this.#requireProfit(trial.action, trial.gas, baseFeePerGas);
    const subjects = subjectsOf(trial.action);
    if (lane === null)
      return { action: trial.action, subjects, hash: null, gasLimit: trial.gasLimit };
    const hash = await lane.submit({
      subject: subjects.join(", "),
      kind: trial.action.kind,
      to: trial.to,
      data: trial.data,
      gasLimit: trial.gasLimit,
      baseFeePerGas,
    });
    if (isUnpaid(action)) unpaidGas.reserve(hash, gas, now);
    return { action: trial.action, subjects, hash, gasLimit: trial.gasLimit };
  }

  #budgetUsedUp(needed: bigint): SkippedError {
    return new SkippedError(
      `It would need ${needed === 0n ? "gas" : `${needed} gas`} that nobody pays for, and unpaidGasPerHour, ${this.#options.unpaidGas.perHour}, does not leave that much in this hour`,
    );
  }

  async #tryOut(action: Action) {
    let candidate = action;
    for (let trial = 0; trial < MAX_TRIALS; trial++) {
      const { to, data, effective } = this.#options.encode(candidate);
      const request = { from: this.#options.from, to, data };
      const gas = await this.#explained(this.#options.client.estimateGas(request, "pending"));
      const gasLimit = (gas * 13n) / 10n + 50_000n;
      // A batch swallows what fails inside, so an estimate may be of less gas than its items need: what is sent is what was tried.
      const returned = await this.#explained(
        this.#options.client.call({ ...request, gasLimit, blockTag: "pending" }),
      );
      const { action: kept, reasons } = effective(returned);
      if (kept === null)
        throw new SkippedError(`It would do nothing now: ${[...new Set(reasons)].join(", ")}`);
      if (
        subjectsOf(kept).length === subjectsOf(candidate).length &&
        sizeOf(kept) === sizeOf(candidate)
      ) {
        return { action: kept, to, data, gas, gasLimit };
      }
      candidate = kept;
    }
    throw new SkippedError("Its items change from trial to trial");
  }

  #requireProfit(action: Action, gas: bigint, baseFeePerGas: bigint): void {
    const { minProfitUsd, nativeTokenUsd } = this.#options;
    const rewardUsd = rewardOf(action);
    if (minProfitUsd === null || nativeTokenUsd === null || rewardUsd === null) return;
    const gasUsd = (gas * baseFeePerGas * nativeTokenUsd) / ONE;
    if (rewardUsd - gasUsd >= minProfitUsd) return;
    throw new SkippedError(
      `Its reward of ${formatD18(rewardUsd)} USD less gas for ${formatD18(gasUsd)} USD is below minProfitUsd, ${formatD18(minProfitUsd)} USD`,
    );
  }

  /** A refusal of the contracts is a reason to skip, in words; of the node's, to try again. */
  async #explained<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (cause) {
      if (!(cause instanceof RpcError)) throw cause;
      const reason = explainError(cause, this.#options.nameOf).sentence;
      if (revertDataOf(cause) !== undefined || /revert/i.test(cause.message)) {
        throw new SkippedError(reason, { cause });
      }
      throw new RetryableError(`The node does not try the transaction out: ${reason}`, { cause });
    }
  }
}

function sizeOf(action: Action): number {
  switch (action.kind) {
    case "liquidate":
      return action.items.length;
    case "executeOrders":
      return action.orders.length;
    case "mark":
      return action.items.length;
    default:
      return 1;
  }
}
