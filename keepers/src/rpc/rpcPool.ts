import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../failures.ts";
import type { Endpoint } from "./endpoint.ts";
import { EndpointError, RpcError } from "./rpcError.ts";

export interface RpcPoolOptions {
  /** The preferred one first. */
  readonly endpoints: readonly Endpoint[];
  /** An endpoint further behind the best is not asked. */
  readonly maxLagBlocks: number;
  /** How often all endpoints are gone through before giving up. */
  readonly rounds?: number;
  /** {ms} Pause after a round in which none answered; doubles each round. */
  readonly backoffMs?: number;
  /** {ms} How long an endpoint that failed is passed over; doubles with each failure in a row. */
  readonly coolDownMs?: number;
  readonly onFailure?: (failure: { endpoint: string; method: string; message: string }) => void;
  /** {ms} A clock; faked in tests. */
  readonly now?: () => number;
}

interface Member {
  readonly endpoint: Endpoint;
  headNumber: number;
  failuresInRow: number;
  coolUntilMs: number;
}

export interface EndpointHealth {
  readonly label: string;
  readonly headNumber: number;
  readonly available: boolean;
}

export interface RequestOptions {
  /** Whether the answer can be what was asked for; where not, another endpoint is asked. When none can, the last answer stands. */
  readonly plausible?: (result: unknown) => boolean;
}

/**
 * One question, several endpoints. The preferred endpoint is asked as long as it answers and keeps up, so that what is read together comes from one
 * view of the chain; the others take over when it is down, throttled, or behind. A refusal (a revert, a nonce too low) is an answer and is final.
 */
export class RpcPool {
  readonly #members: readonly Member[];
  readonly #options: RpcPoolOptions;
  readonly #now: () => number;

  constructor(options: RpcPoolOptions) {
    if (options.endpoints.length === 0) throw new RangeError("A pool needs at least one endpoint");
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#members = options.endpoints.map((endpoint) => ({
      endpoint,
      headNumber: -1,
      failuresInRow: 0,
      coolUntilMs: 0,
    }));
  }

  async request(
    method: string,
    params: readonly unknown[],
    options: RequestOptions = {},
  ): Promise<unknown> {
    const plausible = options.plausible ?? (() => true);
    const rounds = this.#options.rounds ?? 3;
    const reasons: string[] = [];
    let doubtful: { readonly result: unknown } | undefined;
    for (let round = 0; round < rounds; round++) {
      if (round > 0) await sleep((this.#options.backoffMs ?? 200) * 2 ** (round - 1));
      for (const member of this.#inOrder()) {
        try {
          const result = await this.#ask(member, method, params);
          if (plausible(result)) return result;
          doubtful = { result };
          reasons.push(`${member.endpoint.label} does not know it`);
        } catch (error) {
          if (!(error instanceof EndpointError)) throw error;
          reasons.push(messageOf(error));
        }
      }
      // Every endpoint that answered agrees: that is the answer.
      if (doubtful !== undefined) return doubtful.result;
    }
    throw new EndpointError(`No endpoint answered ${method}: ${[...new Set(reasons)].join("; ")}`);
  }

  /** Asks all endpoints at once; the first success counts. For what must reach the network, whatever one node thinks of it. */
  async broadcast(method: string, params: readonly unknown[]): Promise<unknown> {
    const outcomes = await Promise.allSettled(
      this.#members.map((member) => this.#ask(member, method, params)),
    );
    const accepted = outcomes.find((outcome) => outcome.status === "fulfilled");
    if (accepted?.status === "fulfilled") return accepted.value;
    const errors = outcomes.flatMap((outcome) =>
      outcome.status === "rejected" ? [outcome.reason] : [],
    );
    throw errors.find((error) => error instanceof RpcError) ?? errors[0];
  }

  /** Highest head any endpoint knows. Those left behind are not asked until they have caught up. */
  async pollHead(): Promise<number> {
    const outcomes = await Promise.allSettled(
      this.#members.map(async (member) => {
        const head = await this.#ask(member, "eth_blockNumber", []);
        if (typeof head !== "string" || !/^0x[0-9a-f]+$/i.test(head)) {
          throw this.#failed(
            member,
            "eth_blockNumber",
            new EndpointError(`${member.endpoint.label} has no block number`),
          );
        }
        member.headNumber = Number(head);
      }),
    );
    if (outcomes.every((outcome) => outcome.status === "rejected")) {
      const reasons = outcomes.map((outcome) =>
        outcome.status === "rejected" ? messageOf(outcome.reason) : "",
      );
      throw new EndpointError(`No endpoint knows the head: ${reasons.join("; ")}`);
    }
    return this.#bestHead();
  }

  health(): EndpointHealth[] {
    return this.#members.map((member) => ({
      label: member.endpoint.label,
      headNumber: member.headNumber,
      available: this.#isAvailable(member),
    }));
  }

  /** Blocks between the best and the worst endpoint that has answered. */
  headLag(): number {
    const heads = this.#members.flatMap(({ headNumber }) => (headNumber < 0 ? [] : [headNumber]));
    return heads.length === 0 ? 0 : Math.max(...heads) - Math.min(...heads);
  }

  async #ask(member: Member, method: string, params: readonly unknown[]): Promise<unknown> {
    try {
      const result = await member.endpoint.request(method, params);
      member.failuresInRow = 0;
      return result;
    } catch (error) {
      throw error instanceof EndpointError ? this.#failed(member, method, error) : error;
    }
  }

  #failed(member: Member, method: string, error: EndpointError): EndpointError {
    const coolDownMs = (this.#options.coolDownMs ?? 500) * 2 ** Math.min(member.failuresInRow, 6);
    member.failuresInRow += 1;
    member.coolUntilMs = this.#now() + Math.max(coolDownMs, error.retryAfterMs);
    this.#options.onFailure?.({ endpoint: member.endpoint.label, method, message: error.message });
    return error;
  }

  #bestHead(): number {
    return Math.max(...this.#members.map(({ headNumber }) => headNumber));
  }

  #isAvailable(member: Member): boolean {
    const behind = this.#bestHead() - member.headNumber;
    return member.coolUntilMs <= this.#now() && behind <= this.#options.maxLagBlocks;
  }

  /** Available endpoints in the order of preference; the others after them, nearest to the head first. */
  #inOrder(): Member[] {
    const available = this.#members.filter((member) => this.#isAvailable(member));
    const others = this.#members.filter((member) => !available.includes(member));
    others.sort((a, b) => b.headNumber - a.headNumber || a.coolUntilMs - b.coolUntilMs);
    return [...available, ...others];
  }
}
