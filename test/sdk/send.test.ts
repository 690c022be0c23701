import { expect } from "chai";
import { Interface, toBeHex } from "ethers";
import { clearingHouseAbi } from "../../sdk/src/abis/ClearingHouse.ts";
import { errorsAbi } from "../../sdk/src/abis/errors.ts";
import { contractsOf } from "../../sdk/src/contracts.ts";
import { manifestSchema } from "../../sdk/src/manifest.ts";
import { RefusedError, send } from "../../sdk/src/send.ts";
import { typedContract } from "../../sdk/src/typedContract.ts";

const ADDRESS = "0x694AA1769357215DE4FAC081bf1f309aDC325306";
const caller = { call: async () => "0x" };
const house = typedContract(clearingHouseAbi, ADDRESS, caller);

/** A signer whose transactions end in this way. */
function failingWith(error: unknown) {
  return { sendTransaction: () => Promise.reject(error) };
}

async function failureOf(error: unknown): Promise<unknown> {
  try {
    await send(failingWith(error), house, "deposit", [1n, 1n]);
  } catch (thrown) {
    return thrown;
  }
  throw new Error("Nothing was thrown");
}

describe("send", () => {
  it("explains what the contracts refuse, in the words of the market's name, and keeps the cause", async () => {
    const data = new Interface(errorsAbi).encodeErrorResult("MarketNotListed", [9]);
    const cause = Object.assign(new Error("execution reverted"), { data });
    const refused = await failureOf(cause);
    if (!(refused instanceof RefusedError)) throw new Error("It is another error");
    expect(refused.message).to.match(/^Market 9 is not listed\. Take markets.* first\.$/);
    expect(refused.explanation.anchor).to.equal("errors.md#marketnotlisted");
    expect(refused.cause).to.equal(cause);
  });

  it("passes on what is no refusal", async () => {
    const lost = new Error("socket closed");
    expect(await failureOf(lost)).to.equal(lost);
  });
});

describe("contractsOf", () => {
  it("has every contract of the manifest under its name and address", () => {
    const names = Object.keys(manifestSchema.shape.contracts.shape);
    const addresses = Object.fromEntries(
      names.map((name, index) => [name, toBeHex(index + 1, 20)]),
    );
    const contracts = contractsOf(
      { contracts: manifestSchema.shape.contracts.parse(addresses) },
      caller,
    );
    expect(Object.keys(contracts)).to.have.members(names);
    for (const [name, { address }] of Object.entries(contracts)) {
      expect(address.toLowerCase(), name).to.equal(addresses[name]);
    }
  });
});
