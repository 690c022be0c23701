import {
  type BlockTag,
  getAddress,
  Interface,
  type ParamType,
  type Provider,
  Result,
} from "ethers";
import type {
  Abi,
  Arguments,
  EventName,
  EventOf,
  FunctionName,
  Result as ResultOf,
} from "./abi.ts";

export interface CallOptions {
  readonly from?: string;
  readonly blockTag?: BlockTag;
  readonly gasLimit?: bigint;
}

/** A contract at an address, called with the types of its ABI. Sending is the caller's: `transaction` says what to send. */
export interface TypedContract<A extends Abi> {
  readonly address: string;
  readonly interface: Interface;
  /** Calls without sending: a view, or what a transaction would return now. */
  call<N extends FunctionName<A>>(
    name: N,
    args: Arguments<A, N>,
    options?: CallOptions,
  ): Promise<ResultOf<A, N>>;
  transaction<N extends FunctionName<A>>(
    name: N,
    args: Arguments<A, N>,
  ): { readonly to: string; readonly data: string };
  decodeResult<N extends FunctionName<A>>(name: N, data: string): ResultOf<A, N>;
  /** The contract's event in a log; undefined for logs of other addresses and unknown events. */
  parseLog(log: Log): EventOf<A> | undefined;
  topicOf(name: EventName<A>): string;
}

interface Log {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

/** What a contract needs of a provider. */
export type Caller = Pick<Provider, "call">;

/** The same without the types; the overload below is where the ABI vouches for them. */
interface UntypedContract {
  readonly address: string;
  readonly interface: Interface;
  call(name: string, args: readonly unknown[], options?: CallOptions): Promise<unknown>;
  transaction(name: string, args: readonly unknown[]): { to: string; data: string };
  decodeResult(name: string, data: string): unknown;
  parseLog(log: Log): { name: string; args: unknown } | undefined;
  topicOf(name: string): string;
}

export function typedContract<const A extends Abi>(
  abi: A,
  address: string,
  provider: Caller,
): TypedContract<A>;
export function typedContract(abi: Abi, address: string, provider: Caller): UntypedContract {
  const target = getAddress(address);
  const coder = new Interface(abi);
  const transaction = (name: string, args: readonly unknown[]) => ({
    to: target,
    data: coder.encodeFunctionData(name, [...args]),
  });
  const decodeResult = (name: string, data: string) => {
    const fragment = coder.getFunction(name);
    if (fragment === null) throw new TypeError(`No function ${name} in the ABI of ${target}`);
    return plainOutputs(fragment.outputs, coder.decodeFunctionResult(fragment, data));
  };
  return {
    address: target,
    interface: coder,
    transaction,
    decodeResult,
    async call(name, args, options = {}) {
      return decodeResult(name, await provider.call({ ...transaction(name, args), ...options }));
    },
    parseLog(log) {
      if (getAddress(log.address) !== target) return undefined;
      const parsed = coder.parseLog(log);
      if (parsed === null) return undefined;
      return { name: parsed.name, args: plainFields(parsed.fragment.inputs, parsed.args) };
    },
    topicOf(name) {
      const fragment = coder.getEvent(name);
      if (fragment === null) throw new TypeError(`No event ${name} in the ABI of ${target}`);
      return fragment.topicHash;
    },
  };
}

function plainOutputs(types: readonly ParamType[], values: Result): unknown {
  const [only] = types;
  if (only === undefined) return undefined;
  return types.length === 1 ? plain(only, values[0]) : plainFields(types, values);
}

function plainFields(types: readonly ParamType[], values: Result): Record<string, unknown> {
  return Object.fromEntries(types.map((type, index) => [type.name, plain(type, values[index])]));
}

/** ethers' array-like results as plain arrays and objects. */
function plain(type: ParamType, value: unknown): unknown {
  if (!(value instanceof Result)) return value;
  const { arrayChildren, components } = type;
  if (arrayChildren !== null) return value.toArray().map((item) => plain(arrayChildren, item));
  return plainFields(components ?? [], value);
}
