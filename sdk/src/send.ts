import type { Signer, TransactionReceipt } from "ethers";
import type { Abi, Arguments, FunctionName } from "./abi.ts";
import { type Explanation, explainError, type MarketNames, revertDataOf } from "./errors.ts";
import type { TypedContract } from "./typedContract.ts";

/** A transaction that the contracts refuse. The message says why and what to do. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly explanation: Explanation;

  constructor(explanation: Explanation, options: ErrorOptions) {
    const { sentence, hint } = explanation;
    super(hint === undefined ? sentence : `${sentence}. ${hint}`, options);
    this.explanation = explanation;
  }
}

/** Sends one transaction, waits until it is included, and returns its receipt. */
export async function send<A extends Abi, N extends FunctionName<A>>(
  signer: Pick<Signer, "sendTransaction">,
  contract: TypedContract<A>,
  name: N,
  args: Arguments<A, N>,
  nameOf: MarketNames = String,
): Promise<TransactionReceipt> {
  try {
    const sent = await signer.sendTransaction(contract.transaction(name, args));
    const receipt = await sent.wait();
    if (receipt === null) throw new Error(`${name} was not included`);
    return receipt;
  } catch (cause) {
    if (revertDataOf(cause) === undefined) throw cause;
    throw new RefusedError(explainError(cause, nameOf), { cause });
  }
}
