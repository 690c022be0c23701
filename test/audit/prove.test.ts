import { expect } from "chai";
import { checkLemma, lemmaOf } from "../../scripts/prove/lemmas.ts";
import { theoremsOf } from "../../scripts/prove/theorems.ts";

const SOURCE = `contract ToyProofs {
    /// @notice One is
    /// at most two
    /// @param x any
    function prove_one_isSmall(uint256 x) external pure {
        require(x == 1 || x == 0);
        require(x < 2);
        assert(x <= 2);
    }

    /// @notice Two is two
    function prove_two_isTwo() external pure {
        assert(2 == 2);
    }
}
`;

describe("theorems", () => {
  it("are read with their claims and their bounds", () => {
    const found = theoremsOf("test/proofs/ToyProofs.sol", SOURCE);
    expect(found.map(({ start: _, end: __, ...theorem }) => theorem)).to.deep.equal([
      {
        file: "test/proofs/ToyProofs.sol",
        contract: "ToyProofs",
        name: "prove_one_isSmall",
        claim: "One is at most two",
        bounds: ["x == 1 || x == 0", "x < 2"],
      },
      {
        file: "test/proofs/ToyProofs.sol",
        contract: "ToyProofs",
        name: "prove_two_isTwo",
        claim: "Two is two",
        bounds: [],
      },
    ]);
    expect(
      found.map(({ start, end }) => SOURCE.slice(start, end).includes("x <= 2")),
    ).to.deep.equal([true, false]);
  });
});

describe("lemmas", () => {
  const text =
    "; claim: A square is not negative\n; of: Toy\n(declare-const x Real)\n(assert (not (>= (* x x) 0)))\n(check-sat)\n";
  const answering =
    (...answers: string[]) =>
    () =>
      answers.shift() ?? "unknown";

  it("are read with their claims, and their premises apart", () => {
    const lemma = lemmaOf("square", text);
    expect(lemma.claim).to.equal("A square is not negative");
    expect(lemma.premises).to.equal(
      "; claim: A square is not negative\n; of: Toy\n(declare-const x Real)\n(check-sat)\n",
    );
    expect(() => lemmaOf("square", "(check-sat)")).to.throw("needs");
  });

  it("hold only where nothing contradicts them and something meets their premises", () => {
    const lemma = lemmaOf("square", text);
    expect(checkLemma(lemma, answering("unsat\n", "sat\n")).result).to.equal("proved");
    expect(checkLemma(lemma, answering("unsat\n", "unsat\n")).result).to.equal("vacuous");
    expect(checkLemma(lemma, answering("sat\n")).result).to.equal("refuted");
    expect(checkLemma(lemma, answering("timeout\n")).result).to.equal("open");
  });
});
