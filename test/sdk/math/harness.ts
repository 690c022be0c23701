import { expect } from "chai";
import { AbiCoder, Interface, type Provider } from "ethers";
import fc from "fast-check";
import { network } from "hardhat";
import { errorsAbi } from "../../../sdk/src/abis/errors.ts";
import { mathHarnessAbi } from "../../../sdk/src/abis/MathHarness.ts";
import { MathRevert } from "../../../sdk/src/math/solidity.ts";
import { typedContract } from "../../../sdk/src/typedContract.ts";

/** Vectors are the same in every run. */
export const SEED = 20_251_010;

/** How many calls one eth_call makes: far below the gas of a call. */
const BATCH = 250;

const errors = new Interface(errorsAbi);

/** What a call or its mirror did, in a form that shows well when two differ. */
export type Outcome = { readonly returned: unknown } | { readonly reverted: string };

export interface Calls {
  readonly target: string;
  /** Calldata of each call, in order. */
  readonly data: readonly string[];
}

export async function startChain() {
  const { ethers } = await network.create();
  const [deployer] = await ethers.getSigners();
  if (deployer === undefined) throw new Error("The chain has no accounts");
  const deployed = await ethers.deployContract("MathHarness");
  const harness = await deployed.getAddress();
  return { ethers, deployer, provider: ethers.provider, harness };
}

/** Makes many calls at the latest block; a revert is a result like any other. */
export async function tryAll(
  provider: Provider,
  harness: string,
  { target, data }: Calls,
): Promise<{ ok: boolean; data: string }[]> {
  const contract = typedContract(mathHarnessAbi, harness, provider);
  const outcomes: { ok: boolean; data: string }[] = [];
  for (let start = 0; start < data.length; start += BATCH) {
    const page = data.slice(start, start + BATCH);
    outcomes.push(...(await contract.call("tryAll", [target, page])));
  }
  return outcomes;
}

/** A contract's answer, decoded: one value, or all of them. */
export function answerOf(
  coder: Interface,
  name: string,
  { ok, data }: { readonly ok: boolean; readonly data: string },
): Outcome {
  if (!ok) return { reverted: describeRevert(data) };
  const values = plain(coder.decodeFunctionResult(name, data));
  return { returned: Array.isArray(values) && values.length === 1 ? values[0] : values };
}

/** What the mirror does with the same arguments. */
export function outcomeOf(run: () => unknown): Outcome {
  try {
    return { returned: run() };
  } catch (error) {
    if (error instanceof MathRevert) return { reverted: error.message };
    throw error;
  }
}

export function expectSame(actual: Outcome, expected: Outcome, question: () => string): void {
  const [mirror, contract] = [describe(actual), describe(expected)];
  if (mirror !== contract) {
    expect.fail(`${question()}\n  mirror:   ${mirror}\n  contract: ${contract}`);
  }
}

const describe = (outcome: Outcome): string =>
  JSON.stringify(outcome, (_, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );

function describeRevert(data: string): string {
  if (data.startsWith("0x4e487b71")) {
    return `Panic(${AbiCoder.defaultAbiCoder().decode(["uint256"], `0x${data.slice(10)}`)[0]})`;
  }
  const error = errors.parseError(data);
  return error === null ? `unknown error ${data}` : `${error.name}(${error.args.join(", ")})`;
}

/** ethers' results as plain arrays; structs become arrays of their fields. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, plain);
  return value;
}

/** Unsigned integers below 2^bits: every order of magnitude, and the edges often. */
export function uintOf(bits: number): fc.Arbitrary<bigint> {
  const top = (1n << BigInt(bits)) - 1n;
  return fc.oneof(
    { weight: 6, arbitrary: magnitudes(bits, top) },
    { weight: 2, arbitrary: fc.bigInt(0n, top) },
    { weight: 1, arbitrary: fc.constantFrom(0n, 1n, 2n, top, top - 1n) },
    { weight: 1, arbitrary: decimals(top) },
  );
}

/** Signed integers of magnitude below 2^bits. */
export const intOf = (bits: number): fc.Arbitrary<bigint> =>
  fc.tuple(uintOf(bits), fc.boolean()).map(([value, negative]) => (negative ? -value : value));

/** Any uint256 and any int256. */
export const anyUint = uintOf(256);
export const anyInt = fc.oneof(intOf(255), fc.constant(-(1n << 255n)));

/** Integers from `lowest` to `highest`, every order of magnitude above `lowest`. */
export const between = (lowest: bigint, highest: bigint): fc.Arbitrary<bigint> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.bigInt(lowest, highest) },
    {
      weight: 4,
      arbitrary: magnitudes((highest - lowest).toString(2).length, highest - lowest).map(
        (above) => lowest + above,
      ),
    },
    { weight: 1, arbitrary: fc.constantFrom(lowest, highest) },
  );

function magnitudes(bits: number, top: bigint): fc.Arbitrary<bigint> {
  return fc
    .integer({ min: 0, max: bits })
    .chain((width) => fc.bigInt(0n, (1n << BigInt(width)) - 1n))
    .map((value) => (value > top ? top : value));
}

/** Round decimal numbers, where divisions leave no rest. */
function decimals(top: bigint): fc.Arbitrary<bigint> {
  return fc
    .tuple(fc.bigInt(0n, 1000n), fc.integer({ min: 0, max: 30 }))
    .map(([digits, exponent]) => digits * 10n ** BigInt(exponent))
    .filter((value) => value <= top);
}
