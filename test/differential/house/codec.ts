import { type EventFragment, Interface, type InterfaceAbi, type ParamType } from "ethers";
import type { Log, LogValue } from "../../model/call.ts";

const WORD = 64;

/** How a word is read. */
type Kind = "number" | "signed" | "address";

interface Shape {
  readonly name: string;
  readonly indexed: readonly boolean[];
  readonly kinds: readonly Kind[];
}

export interface RawLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

export interface Codec {
  /** Undefined for an event that the contract does not declare. */
  event(log: RawLog): Log | undefined;
  /** Of an error that the contract does not declare only the data is told. */
  error(data: string): Log;
}

/** Reads events and errors whose arguments are one word each; the general coder takes far longer, and there are millions of them. */
export function codecOf(abi: InterfaceAbi): Codec {
  const coder = new Interface(abi);
  const events = new Map<string, Shape>();
  const errors = new Map<string, Shape>();
  coder.forEachEvent((event) => {
    events.set(event.topicHash, shapeOf(event.name, event.inputs, event));
  });
  coder.forEachError((error) => {
    errors.set(error.selector, shapeOf(error.name, error.inputs));
  });
  return {
    event({ topics, data }) {
      const shape = events.get(topics[0] ?? "");
      if (shape === undefined) return undefined;
      let topic = 0;
      let word = 0;
      const args = shape.kinds.map((kind, i) => {
        if (shape.indexed[i]) {
          topic += 1;
          return readWord(topics[topic]?.slice(2) ?? "", kind);
        }
        word += 1;
        return readWord(data.slice(2 + (word - 1) * WORD, 2 + word * WORD), kind);
      });
      return { name: shape.name, args };
    },
    error(data) {
      const shape = errors.get(data.slice(0, 10));
      if (shape === undefined) return { name: data, args: [] };
      const args = shape.kinds.map((kind, i) =>
        readWord(data.slice(10 + i * WORD, 10 + (i + 1) * WORD), kind),
      );
      return { name: shape.name, args };
    },
  };
}

function shapeOf(name: string, inputs: readonly ParamType[], event?: EventFragment): Shape {
  const words = inputs.flatMap((input) =>
    kindsOf(input).map((kind) => ({
      kind,
      indexed: event !== undefined && input.indexed === true,
    })),
  );
  return {
    name,
    indexed: words.map(({ indexed }) => indexed),
    kinds: words.map(({ kind }) => kind),
  };
}

/** Of a structure each field; what is longer than a word is only looked at by its offset. */
function kindsOf({ baseType, type, components }: ParamType): readonly Kind[] {
  if (baseType === "tuple") return components?.flatMap(kindsOf) ?? [];
  if (type === "address") return ["address"];
  return /^int\d+$/.test(type) ? ["signed"] : ["number"];
}

function readWord(digits: string, kind: Kind): LogValue {
  if (kind === "address") return `0x${digits.slice(24)}`;
  const value = BigInt(`0x${digits}`);
  return kind === "signed" ? signed(value) : value;
}

const SIGN = 1n << 255n;

function signed(word: bigint): bigint {
  return word >= SIGN ? word - 2n * SIGN : word;
}

/** The words of an answer of static length, as signed numbers. */
export function wordsOf(data: string): bigint[] {
  const words: bigint[] = [];
  for (let at = 2; at + WORD <= data.length; at += WORD) {
    words.push(signed(BigInt(`0x${data.slice(at, at + WORD)}`)));
  }
  return words;
}

export function wordOf(value: bigint | number): string {
  return value.toString(16).padStart(WORD, "0");
}

/** The words of a list of byte strings, without its offset: length, offsets, then each with its own length. */
export function encodedList(items: readonly string[]): string {
  const digits = items.map((item) => item.slice(2));
  const heads: string[] = [wordOf(items.length)];
  const tails: string[] = [];
  let offset = 32 * items.length;
  for (const item of digits) {
    const padded = item.padEnd(Math.ceil(item.length / WORD) * WORD, "0");
    heads.push(wordOf(offset));
    tails.push(wordOf(item.length / 2), padded);
    offset += 32 + padded.length / 2;
  }
  return [...heads, ...tails].join("");
}

/** Reads such a list, of which the first word after `0x` is the offset. */
export function decodedList(data: string): string[] {
  const number = (at: number) => Number(`0x${data.slice(at, at + WORD)}`);
  const start = 2 + 2 * number(2);
  const first = start + WORD;
  return Array.from({ length: number(start) }, (_, i) => {
    const at = first + 2 * number(first + i * WORD);
    return `0x${data.slice(at + WORD, at + WORD + 2 * number(at))}`;
  });
}
