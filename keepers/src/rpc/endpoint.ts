import { z } from "zod";
import { endpointLabel } from "../config/secrets.ts";
import { messageOf } from "../failures.ts";
import { EndpointError, errorOfAnswer } from "./rpcError.ts";

/** One place to ask. */
export interface Endpoint {
  /** How it is named in logs: never its whole URL. */
  readonly label: string;
  request(method: string, params: readonly unknown[]): Promise<unknown>;
}

const answerSchema = z.object({
  id: z.unknown(),
  result: z.unknown().optional(),
  error: z
    .object({ code: z.number(), message: z.string(), data: z.unknown().optional() })
    .optional(),
});

/** JSON-RPC over HTTP, one request each, with a hard time limit: a socket half closed is a failure, not a wait. */
export function httpEndpoint({ url, timeoutMs }: { url: string; timeoutMs: number }): Endpoint {
  const label = endpointLabel(url);
  let lastId = 0;
  return {
    label,
    async request(method, params) {
      const id = ++lastId;
      let response: Response;
      let body: string;
      try {
        response = await fetch(url, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ jsonrpc: "2.0", id, method, params }),
          signal: AbortSignal.timeout(timeoutMs),
        });
        body = await response.text();
      } catch (cause) {
        throw new EndpointError(
          `${label} did not answer ${method}: ${reasonOf(cause, timeoutMs)}`,
          { cause },
        );
      }
      if (response.status === 429 || response.status >= 500) {
        throw new EndpointError(`${label} answered ${method} with HTTP ${response.status}`, {
          retryAfterMs: retryAfterOf(response),
        });
      }
      return resultOf({ body, status: response.status, label, method, id });
    },
  };
}

interface RawAnswer {
  readonly body: string;
  readonly status: number;
  readonly label: string;
  readonly method: string;
  readonly id: number;
}

function resultOf({ body, status, label, method, id }: RawAnswer): unknown {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (cause) {
    throw new EndpointError(`${label} answered ${method} with HTTP ${status} and no JSON`, {
      cause,
    });
  }
  const answer = answerSchema.safeParse(json);
  if (!answer.success) {
    throw new EndpointError(`${label} answered ${method} with something that is no JSON-RPC`);
  }
  if (answer.data.error !== undefined) throw errorOfAnswer(answer.data.error);
  if (answer.data.id !== id || !("result" in answer.data)) {
    throw new EndpointError(`${label} answered another question than ${method}`);
  }
  return answer.data.result;
}

function reasonOf(cause: unknown, timeoutMs: number): string {
  if (cause instanceof Error && cause.name === "TimeoutError")
    return `no answer in ${timeoutMs} ms`;
  if (cause instanceof Error && cause.cause !== undefined) return messageOf(cause.cause);
  return messageOf(cause);
}

/** {ms} The endpoint's own wish, at most a minute. */
function retryAfterOf(response: Response): number {
  const seconds = Number(response.headers.get("retry-after") ?? "0");
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 60) * 1_000 : 0;
}
