import { expect } from "chai";
import { checkLemma, lemmaOf } from "../../scripts/prove/lemmas.ts";
import { problemOf, recordedIn } from "../../scripts/prove/prove.ts";
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

describe("the page of proofs", () => {
  const page =
    "| Toy | `prove_one` | One \\| two | `x < 2` | proved, 2 |\n| Toy | `prove_two` | Two | any | open, 1 |\n";
  const [theorem] = theoremsOf("test/proofs/ToyProofs.sol", SOURCE);
  if (theorem === undefined) throw new Error("the source has theorems");
  const problem = (result: "proved" | "refuted" | "open", recorded?: string) =>
    problemOf({ theorem, result, assertions: 1, said: ["x = 3"] }, recorded).join();

  it("tells what was proved", () => {
    expect([...recordedIn(page)]).to.deep.equal([
      ["prove_one", "proved"],
      ["prove_two", "open"],
    ]);
  });

  it("lets no theorem be refuted, forgotten, or proved once and then no longer", () => {
    expect(problem("refuted", "open")).to.include("is refuted").and.include("x = 3");
    expect(problem("open", "proved")).to.include("no longer is");
    expect(problem("proved")).to.include("--write");
  });

  it("is content with what stays as it was, or gets better", () => {
    expect(problem("proved", "proved")).to.equal("");
    expect(problem("open", "open")).to.equal("");
    expect(problem("proved", "open")).to.equal("");
  });
});
