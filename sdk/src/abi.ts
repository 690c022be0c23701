/** Types of calls and events, worked out by the compiler from an `as const` ABI. */

interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly components?: readonly Parameter[];
}

interface Entry {
  readonly type: string;
  readonly name?: string;
  readonly stateMutability?: string;
  readonly inputs?: readonly Parameter[];
  readonly outputs?: readonly Parameter[];
}

export type Abi = readonly Entry[];

/** What a Solidity value is in TypeScript: integers of every width are bigint, structs are objects with the same names. */
type ValueOf<T extends string, C> = T extends `${infer Element}[${string}]`
  ? readonly ValueOf<Element, C>[]
  : T extends "tuple"
    ? C extends readonly Parameter[]
      ? Fields<C>
      : never
    : T extends `uint${string}` | `int${string}`
      ? bigint
      : T extends "bool"
        ? boolean
        : string;

type Value<P> = P extends { readonly type: infer T extends string; readonly components: infer C }
  ? ValueOf<T, C>
  : P extends { readonly type: infer T extends string }
    ? ValueOf<T, undefined>
    : never;

type Fields<P extends readonly Parameter[]> = { readonly [K in P[number] as K["name"]]: Value<K> };

type Values<P extends readonly Parameter[]> = { readonly [I in keyof P]: Value<P[I]> };

type FunctionEntry<A extends Abi, N> = Extract<
  A[number],
  { readonly type: "function"; readonly name: N }
>;

export type FunctionName<A extends Abi> = Extract<
  A[number],
  { readonly type: "function" }
>["name"] &
  string;

export type Arguments<A extends Abi, N> =
  FunctionEntry<A, N> extends { readonly inputs: infer P extends readonly Parameter[] }
    ? Values<P>
    : readonly [];

/** Nothing, the value, or an object with one field per return value. */
export type Result<A extends Abi, N> =
  FunctionEntry<A, N> extends { readonly outputs: infer P extends readonly Parameter[] }
    ? P extends readonly []
      ? undefined
      : P extends readonly [infer Only]
        ? Value<Only>
        : Fields<P>
    : never;

type EventEntry<A extends Abi> = Extract<A[number], { readonly type: "event" }>;

export type EventName<A extends Abi> = EventEntry<A>["name"] & string;

type EventOfEntry<E> = E extends {
  readonly name: infer N extends string;
  readonly inputs: infer P extends readonly Parameter[];
}
  ? { readonly name: N; readonly args: Fields<P> }
  : never;

/** One of the contract's events, told apart by its name. */
export type EventOf<A extends Abi> = EventOfEntry<EventEntry<A>>;
