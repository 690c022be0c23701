import {
  AbiCoder,
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
    const elements = elementsOf(fragment.outputs, data);
    if (elements !== undefined) return elements;
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

const WORD = 64;

/**
 * A list of structs of varying length, each decoded on its own: ethers copies all the data it is given for each word that it reads. Undefined for other
 * results, and for data that is not laid out as the compiler does.
 */
function elementsOf(outputs: readonly ParamType[], data: string): unknown[] | undefined {
  const [only, ...others] = outputs;
  if (only?.baseType !== "array" || others.length > 0) return undefined;
  const { arrayChildren, arrayLength } = only;
  if (arrayChildren?.baseType !== "tuple" || arrayLength !== -1) return undefined;
  const words = data.slice(2);
  const wordAt = (start: number) => Number(`0x${words.slice(start, start + WORD)}`);
  const first = 2 * WORD;
  if (words.length < first || wordAt(0) !== WORD / 2) return undefined;
  const count = wordAt(WORD);
  if (!(count * WORD <= words.length - first)) return undefined;
  const starts = Array.from({ length: count }, (_, i) => first + 2 * wordAt(first + i * WORD));
  const ends = [...starts.slice(1), words.length];
  const areInOrder = starts.every(
    (start, i) => start >= first + count * WORD && start < (ends[i] ?? 0),
  );
  if (!isDynamic(arrayChildren) || !areInOrder) return undefined;
  const offset = words.slice(0, WORD);
  return starts.map((start, i) => {
    const element = `0x${offset}${words.slice(start, ends[i])}`;
    return plain(arrayChildren, AbiCoder.defaultAbiCoder().decode([arrayChildren], element)[0]);
  });
}

/** Whether values of the type have no fixed length, so that lists of them hold offsets. */
function isDynamic({ baseType, arrayLength, arrayChildren, components }: ParamType): boolean {
  if (baseType === "array")
    return arrayLength === -1 || (arrayChildren !== null && isDynamic(arrayChildren));
  if (baseType === "tuple") return (components ?? []).some(isDynamic);
  return baseType === "bytes" || baseType === "string";
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
