import { expect } from "chai";
import { AbiCoder, concat, dataSlice, hexlify, Interface, toBeHex } from "ethers";
import fc from "fast-check";
import { typedContract } from "../../sdk/src/typedContract.ts";

const word = { type: "uint256", internalType: "uint256" } as const;
const bytes = { type: "bytes", internalType: "bytes" } as const;
const part = {
  type: "tuple[]",
  internalType: "struct Part[]",
  components: [
    { ...word, name: "market" },
    { ...bytes, name: "failure" },
  ],
} as const;

/** A list of structs of varying length, as the lens returns, and one of structs of one length. */
const abi = [
  {
    type: "function",
    name: "reports",
    stateMutability: "view",
    inputs: [],
    outputs: [
      {
        name: "",
        type: "tuple[]",
        internalType: "struct Report[]",
        components: [
          { ...word, name: "account" },
          { ...bytes, name: "failure" },
          { ...part, name: "parts" },
        ],
      },
    ],
  },
  {
    type: "function",
    name: "pairs",
    stateMutability: "view",
    inputs: [],
    outputs: [
      {
        name: "",
        type: "tuple[]",
        internalType: "struct Pair[]",
        components: [
          { ...word, name: "low" },
          { ...word, name: "high" },
        ],
      },
    ],
  },
] as const;

const contract = typedContract(abi, `0x${"11".repeat(20)}`, {
  call: () => Promise.reject(new Error("nothing is asked here")),
});
const coder = new Interface(abi);

const uint = fc.bigInt(0n, 2n ** 256n - 1n);
const someBytes = fc.uint8Array({ maxLength: 70 }).map((value) => hexlify(value));
const report = fc.record({
  account: uint,
  failure: someBytes,
  parts: fc.array(fc.record({ market: uint, failure: someBytes }), { maxLength: 4 }),
});

describe("typed contract: results", () => {
  it("decodes lists of structs as they were encoded, whatever their lengths", () => {
    fc.assert(
      fc.property(fc.array(report, { maxLength: 12 }), (reports) => {
        const data = coder.encodeFunctionResult("reports", [reports]);
        expect(contract.decodeResult("reports", data)).to.deep.equal(reports);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.record({ low: uint, high: uint }), { maxLength: 12 }), (pairs) => {
        const data = coder.encodeFunctionResult("pairs", [pairs]);
        expect(contract.decodeResult("pairs", data)).to.deep.equal(pairs);
      }),
    );
  });

  it("decodes a valid layout that no compiler would choose: elements stored backwards", () => {
    const type =
      "tuple(uint256 account, bytes failure, tuple(uint256 market, bytes failure)[] parts)";
    const reports = [1n, 2n].map((account) => ({ account, failure: "0x12", parts: [] }));
    const tails = reports.map((each) =>
      dataSlice(AbiCoder.defaultAbiCoder().encode([type], [each]), 32),
    );
    const [first = "", second = ""] = tails;
    const length = (data: string) => BigInt(data.length / 2 - 1);
    const offsets = [64n + length(second), 64n];
    const words = [32n, 2n, ...offsets].map((value) => toBeHex(value, 32));
    const data = concat([...words, second, first]);
    expect(contract.decodeResult("reports", data)).to.deep.equal(reports);
  });

  it("refuses data that ends too early", () => {
    const reports = [{ account: 1n, failure: "0x12", parts: [] }];
    const data = coder.encodeFunctionResult("reports", [reports]);
    expect(() => contract.decodeResult("reports", "0x")).to.throw();
    expect(() => contract.decodeResult("reports", dataSlice(data, 0, 96))).to.throw();
    expect(() => contract.decodeResult("reports", dataSlice(data, 0, 160))).to.throw();
  });
});
