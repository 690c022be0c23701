import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../failures.ts";
import type { Endpoint } from "./endpoint.ts";
import { EndpointError, RpcError } from "./rpcError.ts";
import { type Block, blockSchema } from "./wire.ts";

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
  head: Block | undefined;
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
      head: undefined,
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

  /** Newest block any endpoint knows; of several the preferred one's. Those left behind are not asked until they have caught up. */
  async pollHead(): Promise<Block> {
    const outcomes = await Promise.allSettled(this.#members.map((member) => this.#headOf(member)));
    const heads = outcomes.flatMap((outcome) =>
      outcome.status === "fulfilled" ? [outcome.value] : [],
    );
    const [first, ...others] = heads;
    if (first === undefined) {
      const reasons = outcomes.map((outcome) =>
        outcome.status === "rejected" ? messageOf(outcome.reason) : "",
      );
      throw new EndpointError(`No endpoint knows the head: ${reasons.join("; ")}`);
    }
    return others.reduce((best, head) => (head.number > best.number ? head : best), first);
  }

  async #headOf(member: Member): Promise<Block> {
    const method = "eth_getBlockByNumber";
    const head = blockSchema.safeParse(await this.#ask(member, method, ["latest", false]));
    if (!head.success) {
      const error = new EndpointError(`${member.endpoint.label} answers ${method} with no block`);
      throw this.#failed(member, method, error);
    }
    member.head = head.data;
    return head.data;
  }

  /** Answers of all endpoints, by their labels, failures included. For questions about the endpoints themselves. */
  async askEach(method: string, params: readonly unknown[]): Promise<Map<string, unknown>> {
    const entries = this.#members.map(async (member) => {
      const answer = await this.#ask(member, method, params).catch((error: unknown) => error);
      return [member.endpoint.label, answer] as const;
    });
    return new Map(await Promise.all(entries));
  }

  health(): EndpointHealth[] {
    return this.#members.map((member) => ({
      label: member.endpoint.label,
      headNumber: member.head?.number ?? -1,
      available: this.#isAvailable(member),
    }));
  }

  /** Blocks between the best and the worst endpoint that has answered. */
  headLag(): number {
    const heads = this.#members.flatMap(({ head }) => (head === undefined ? [] : [head.number]));
    return heads.length === 0 ? 0 : Math.max(...heads) - Math.min(...heads);
  }

  /** Endpoints that have different blocks at one height. One of them is on a fork, or lies. */
  disagreement(): readonly string[] {
    const [best, ...others] = this.#members.filter(
      (member) => member.head?.number === this.#bestHead(),
    );
    const differing = others.filter((member) => member.head?.hash !== best?.head?.hash);
    return best === undefined || differing.length === 0
      ? []
      : [best, ...differing].map(({ endpoint }) => endpoint.label);
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
    return Math.max(...this.#members.map(({ head }) => head?.number ?? -1));
  }

  #isAvailable(member: Member): boolean {
    const behind = this.#bestHead() - (member.head?.number ?? -1);
    return member.coolUntilMs <= this.#now() && behind <= this.#options.maxLagBlocks;
  }

  /** Available endpoints that have the newest block in the order of preference, then those that almost have it, then the others. */
  #inOrder(): Member[] {
    const rank = (member: Member) => {
      if (!this.#isAvailable(member)) return 2;
      return (member.head?.number ?? -1) === this.#bestHead() ? 0 : 1;
    };
    return this.#members.toSorted(
      (a, b) => rank(a) - rank(b) || (rank(a) === 2 ? a.coolUntilMs - b.coolUntilMs : 0),
    );
  }
}
