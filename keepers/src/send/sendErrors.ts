import { messageOf } from "../failures.ts";
import { RpcError } from "../rpc/rpcError.ts";

/** What a node's refusal of a signed transaction means for its nonce. */
export type SendVerdict =
  /** The node has it: as good as sent. */
  | "known"
  /** The nonce is used: by one of ours, or by somebody else with the key. */
  | "nonceUsed"
  /** A transaction of the same nonce pays more, or almost as much. */
  | "underpriced"
  /** The wallet cannot pay. */
  | "unfunded"
  /** Refused for good; it is on no node. */
  | "refused"
  /** Nobody knows whether it arrived. */
  | "unknown";

export function verdictOf(error: unknown): SendVerdict {
  if (!(error instanceof RpcError)) return "unknown";
  const message = messageOf(error).toLowerCase();
  if (/already known|known transaction|already imported|already in/.test(message)) return "known";
  if (
    /nonce.*too low|old nonce|nonce has already been used|expected nonce to be \d+ but got/.test(
      message,
    )
  )
    return "nonceUsed";
  if (/underpriced|replacement.*(fee|gas)|fee too low to replace/.test(message))
    return "underpriced";
  if (/insufficient funds|doesn't have enough funds|sender.*balance/.test(message))
    return "unfunded";
  return "refused";
}
