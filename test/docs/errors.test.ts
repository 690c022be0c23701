import { expect } from "chai";
import { errorsPage } from "../../scripts/errors/page.ts";
import { declaredIn, type Registry, registryProblems } from "../../scripts/errors/registry.ts";

const SOURCE = `interface IShop {
    /// @notice Thrown when the shop is closed
    /// until a time. {s}
    /// @param opensAt {s}
    error ShopClosed(uint256 opensAt);
    error OutOfStock();
}
`;

const complete: Registry = {
  entries: [
    { name: "ShopClosed", inputs: [{ name: "opensAt", internalType: "uint256" }] },
    { name: "OutOfStock", inputs: [] },
  ],
  sentences: { ShopClosed: "The shop opens at {opensAt:time}", OutOfStock: "Nothing is left" },
  remedies: [
    {
      title: "Wait",
      hint: "Come back at the time that is named.",
      errors: ["ShopClosed", "OutOfStock"],
    },
    { title: "Report it", hint: "Tell whoever wrote the contract.", errors: ["Error", "Panic"] },
  ],
  declared: declaredIn("contracts/IShop.sol", SOURCE),
};

function without(name: string, errors: readonly string[]): readonly string[] {
  return errors.filter((each) => each !== name);
}

describe("the registry of errors", () => {
  it("finds nothing wrong with a complete one", () => {
    expect(registryProblems(complete)).to.deep.equal([]);
  });

  it("names an error without sentence", () => {
    const problems = registryProblems({
      ...complete,
      sentences: { ShopClosed: "The shop opens at {opensAt}" },
    });
    expect(problems).to.deep.equal([
      "error OutOfStock has no sentence: add one to sdk/src/errorSentences.ts",
    ]);
  });

  it("names a value that the sentence leaves out", () => {
    const sentences = { ...complete.sentences, ShopClosed: "The shop is closed" };
    expect(registryProblems({ ...complete, sentences })).to.deep.equal([
      "the sentence of error ShopClosed does not say {opensAt}",
    ]);
  });

  it("names an error without hint, be it the compiler's own", () => {
    for (const name of ["OutOfStock", "Panic"]) {
      const remedies = complete.remedies.map((remedy) => ({
        ...remedy,
        errors: without(name, remedy.errors),
      }));
      expect(registryProblems({ ...complete, remedies })).to.deep.equal([
        `error ${name} has no hint: add it to a remedy in sdk/src/errorRemedies.ts`,
      ]);
    }
  });

  it("names a hint that says nothing", () => {
    const remedies = complete.remedies.map((remedy) => ({ ...remedy, hint: "Retry." }));
    expect(registryProblems({ ...complete, remedies })).to.deep.equal([
      'the hint of "Wait" is no full sentence',
      'the hint of "Report it" is no full sentence',
    ]);
  });

  it("names an error with two hints, and what is no error any more", () => {
    const more = { title: "Pay", hint: "Bring the price that is named.", errors: ["OutOfStock"] };
    expect(registryProblems({ ...complete, remedies: [...complete.remedies, more] })).to.deep.equal(
      ["error OutOfStock is in several remedies of sdk/src/errorRemedies.ts: keep one"],
    );
    expect(
      registryProblems({ ...complete, sentences: { ...complete.sentences, Gone: "It is gone" } }),
    ).to.deep.equal(["Gone is no error of any contract any more: remove it from sdk/src"]);
  });

  it("names an error that is declared twice, and headings that fall together", () => {
    const declared = [...complete.declared, ...declaredIn("contracts/Other.sol", SOURCE)];
    expect(registryProblems({ ...complete, declared })).to.include(
      "error OutOfStock is declared 2 times: IShop.sol, Other.sol",
    );
    const [first, ...others] = complete.remedies;
    if (first === undefined) throw new Error("There is no remedy");
    const remedies = [{ ...first, title: "ShopClosed" }, ...others];
    expect(registryProblems({ ...complete, remedies })).to.deep.equal([
      "docs/errors.md would have two headings at #shopclosed: rename one",
    ]);
  });

  it("writes NatSpec, signature and sentence of each below its hint", () => {
    const page = errorsPage(complete);
    expect(page).to.include(`## Wait

Come back at the time that is named.

### ShopClosed

\`ShopClosed(uint256 opensAt)\` in [IShop.sol](../contracts/IShop.sol)

Thrown when the shop is closed until a time. {s}

> The shop opens at {opensAt:time}
`);
    expect(page).to.match(/### Panic\n\n`Panic\(uint256 code\)`\n/);
  });
});
