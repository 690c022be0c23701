import { readFileSync } from "node:fs";
import { expect } from "chai";
import { encodeBytes32String, Interface } from "ethers";
import { errorsAbi } from "../../sdk/src/abis/errors.ts";
import { accountIdOf } from "../../sdk/src/accountId.ts";
import { parseD18 } from "../../sdk/src/amounts.ts";
import { errorSentences } from "../../sdk/src/errorSentences.ts";
import { decodeRevert, explainError, revertDataOf } from "../../sdk/src/errors.ts";

const coder = new Interface(errorsAbi);
const OWNER = "0x694AA1769357215DE4FAC081bf1f309aDC325306";
const account = accountIdOf(OWNER, 2n);

const headings = readFileSync("docs/errors.md", "utf8").match(/(?<=^### ).*$/gm) ?? [];

/** A telling value for any argument type. */
function sample(type: string): unknown {
  if (type === "address") return OWNER;
  if (type === "bytes32") return encodeBytes32String("sample");
  if (/^bytes\d+$/.test(type)) return `0x${"ab".repeat(Number(type.slice(5)))}`;
  if (type === "bytes") return "0xabcd";
  if (type === "string") return "a text";
  if (type === "bool") return true;
  return /^uint(8|16)$/.test(type) ? 1n : 123_456_789n;
}

describe("errors", () => {
  for (const entry of errorsAbi) {
    it(`says what ${entry.name} means with every value, what to do, and where to read on`, () => {
      const types: readonly { readonly type: string; readonly name: string }[] = entry.inputs;
      const data = coder.encodeErrorResult(
        entry.name,
        types.map(({ type }) => sample(type)),
      );
      const error = decodeRevert(data);
      expect(error?.name).to.equal(entry.name);
      expect(error?.sentence).to.match(/^[A-Z0-9]/);
      expect(error?.sentence).not.to.match(/\{\w+(:\w+)?\}/);
      for (const { name } of types) {
        expect(Object.keys(error?.values ?? {})).to.include(name);
        expect(errorSentences[entry.name], name).to.match(new RegExp(`\\{${name}(:|\\})`));
      }
      expect(error?.hint).to.match(/^[A-Z].*\.$/);
      expect(error?.anchor).to.equal(`errors.md#${entry.name.toLowerCase()}`);
      expect(headings).to.include(entry.name);
    });
  }

  it("writes accounts, dollars, enums, terms and symbols as people read them", () => {
    const sentence = (name: string, values: readonly unknown[]) =>
      decodeRevert(coder.encodeErrorResult(name, [...values]), () => "ETH-USD")?.sentence;
    expect(
      sentence("AccountBelowInitialMargin", [account, parseD18("-1.5"), parseD18("20")]),
    ).to.equal(
      `${OWNER}/2 would have -1.5 USD of equity where 20 USD of initial margin is needed; deposit more or trade less`,
    );
    expect(sentence("MarketNotOpen", [0, 3])).to.equal("Market ETH-USD is Halted");
    expect(
      sentence("TermsOutOfBounds", [
        encodeBytes32String("band"),
        parseD18("0.3"),
        parseD18("0.001"),
        parseD18("0.2"),
      ]),
    ).to.equal("Term band is 0.3; it must be from 0.001 to 0.2");
    expect(
      sentence("TermsOutOfBounds", [encodeBytes32String("tearUpDelay"), 5, 60, 86_400]),
    ).to.equal("Term tearUpDelay is 5 s; it must be from 60 s to 86400 s");
    expect(sentence("PriceBeyondBand", [0, parseD18("0.025"), parseD18("0.02")])).to.include(
      "2.5 %",
    );
    expect(sentence("SignatureExpired", [1_750_000_000, 1_750_000_001])).to.include(
      "2025-06-15T15:06:40.000Z",
    );
  });

  it("reads plain reasons and panics", () => {
    const plain = new Interface(["error Error(string)", "error Panic(uint256)"]);
    expect(decodeRevert(plain.encodeErrorResult("Error", ["why"]))?.sentence).to.equal("why");
    const panic = decodeRevert(plain.encodeErrorResult("Panic", [17]));
    expect(panic?.sentence).to.equal("Panic: a number left its range");
    expect(panic?.hint).to.match(/^Check units and sign/);
    expect(headings).to.include.members(["Error", "Panic"]);
  });

  it("knows nothing of foreign or broken data", () => {
    expect(decodeRevert("0xdeadbeef")).to.equal(undefined);
    expect(decodeRevert("0x")).to.equal(undefined);
    expect(decodeRevert("junk")).to.equal(undefined);
  });

  it("finds revert data wherever nodes and libraries put it", () => {
    const data = coder.encodeErrorResult("MarketNotListed", [9]);
    expect(revertDataOf({ data })).to.equal(data);
    expect(revertDataOf({ data: { data } })).to.equal(data);
    expect(revertDataOf({ info: { error: { code: 3, data } } })).to.equal(data);
    expect(revertDataOf(new Error("outer", { cause: { error: { data } } }))).to.equal(data);
    expect(revertDataOf(new Error("nothing"))).to.equal(undefined);
    const { sentence, hint, anchor } = explainError({ info: { error: { data } } });
    expect(sentence).to.equal("Market 9 is not listed");
    expect(hint).to.match(/manifest/);
    expect(anchor).to.equal("errors.md#marketnotlisted");
    expect(explainError(new Error("socket closed"))).to.deep.equal({ sentence: "socket closed" });
    const foreign = Object.assign(new Error("reverted"), { data: "0xdeadbeef" });
    expect(explainError(foreign)).to.deep.equal({
      sentence: "reverted (revert data 0xdeadbeef)",
    });
  });

  it("does not follow an error that contains itself for ever", () => {
    const loop: { cause?: unknown } = {};
    loop.cause = loop;
    expect(revertDataOf(loop)).to.equal(undefined);
  });
});
