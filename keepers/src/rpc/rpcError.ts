import { RetryableError } from "../failures.ts";

/** A node's refusal: its answer to the question, not a failure to answer. `data` is revert data where there is any. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;
  readonly data: unknown;

  constructor({ code, message, data }: { code: number; message: string; data: unknown }) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** An endpoint did not do its work: nobody's question was answered. */
export class EndpointError extends RetryableError {
  override readonly name = "EndpointError";
  /** {ms} How long the endpoint asked to be left alone; 0 when it did not say. */
  readonly retryAfterMs: number;

  constructor(message: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
}

const LIMIT_EXCEEDED = -32005;
const INTERNAL = -32603;

/** What only says that this endpoint is busy, behind, or pruned: another may answer. */
const ELSEWHERE =
  /rate limit|too many requests|request limit|capacity|header not found|unknown block|block .*not (found|available)|missing trie node|state .*not available|historical state|timeout|timed out|try again|temporarily|overloaded/i;

/** What a log request that asked for too much is told; the sync asks for less. */
const TOO_MANY_LOGS =
  /query returned more than|more than \d+ (results|logs)|block range|range (is )?too (large|wide)|limit(ed)? to .*block|response size|too many (results|blocks)/i;

export function asksForTooMuch(error: unknown): boolean {
  return error instanceof RpcError && TOO_MANY_LOGS.test(error.message);
}

/** An error object of a JSON-RPC answer, as the error it means. */
export function errorOfAnswer(error: { code: number; message: string; data?: unknown }): Error {
  const refusal = new RpcError({ ...error, data: error.data });
  if (asksForTooMuch(refusal)) return refusal;
  const reverted = /revert/i.test(error.message);
  if (error.code === LIMIT_EXCEEDED || (!reverted && ELSEWHERE.test(error.message))) {
    return new EndpointError(error.message, { cause: refusal });
  }
  if (
    error.code === INTERNAL &&
    error.data === undefined &&
    /^internal( json-rpc)? error\.?$/i.test(error.message)
  ) {
    return new EndpointError(error.message, { cause: refusal });
  }
  return refusal;
}
