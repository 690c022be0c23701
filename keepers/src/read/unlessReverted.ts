import { explainError, revertDataOf } from "../../../sdk/src/errors.ts";
import { RpcError } from "../rpc/rpcError.ts";

/** The answer, or why the contracts refuse it. A node's refusal stays a failure: it says nothing about the chain. */
export async function unlessReverted<T extends object>(
  call: Promise<T>,
): Promise<T | { readonly reason: string }> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof RpcError) || revertDataOf(error) === undefined) throw error;
    return { reason: explainError(error).sentence };
  }
}
