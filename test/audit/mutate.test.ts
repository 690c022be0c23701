import { expect } from "chai";
import { compile } from "../../scripts/instrument/compile.ts";
import { lineOf, wrapParts } from "../../scripts/instrument/edits.ts";
import { readTree } from "../../scripts/instrument/syntax.ts";
import { parseOptions } from "../../scripts/mutate/cli.ts";
import { drawSample } from "../../scripts/mutate/sample.ts";
import { mutantAt, writeMutants } from "../../scripts/mutate/schemata.ts";
import { overallScore, scoreFolders } from "../../scripts/mutate/score.ts";
import { Declarations, findSites, type Site } from "../../scripts/mutate/sites.ts";
import { instrument, validSites } from "../../scripts/mutate/valid.ts";

const FILE = "contracts/libraries/Toy.sol";
const SOURCE = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

uint256 constant STEP = 7; // ≤ nothing

library Toy {
    error Low(uint256 x);

    function ofDown(uint256 x, uint256 y) internal pure returns (uint256) {
        return x / y;
    }

    function ofUp(uint256 x, uint256 y) internal pure returns (uint256) {
        return x / y + 1;
    }

    function count(uint256 x, bool isOn) internal pure returns (uint256 sum) {
        if (x < 3 && !isOn) revert Low(x);
        for (uint256 i; i < x; ++i) sum += ofUp(STEP, x);
        sum = isOn ? sum : 5;
    }
}
`;

async function sitesOf(source: string): Promise<Site[]> {
  const { trees, errors } = await compile(new Map([[FILE, source]]), "trees");
  expect(errors).to.deep.equal([]);
  const tree = readTree(trees.get(FILE));
  return findSites(FILE, Buffer.from(source), tree, new Declarations([tree]));
}

describe("mutants of a source", () => {
  it("are found for every operator, in place and in words", async () => {
    const shown = (await sitesOf(SOURCE)).map(
      ({ line, place, operator, original, mutated }) =>
        `${line} ${place} ${operator}: ${original} → ${mutated}`,
    );
    for (const expected of [
      "10 Toy.ofDown arithmetic: x / y → x * y",
      "10 Toy.ofDown return: x / y → uint256(0)",
      "14 Toy.ofUp constant: x / y + 1 → x / y + (1 - 1)",
      "18 Toy.count comparison: x < 3 && !isOn → x <= 3 && !isOn",
      "18 Toy.count logic: x < 3 && !isOn → x < 3 || !isOn",
      "18 Toy.count negation: x < 3 && !isOn → x < 3 && isOn",
      "18 Toy.count statement: revert Low(x); → (nothing)",
      "19 Toy.count assignment: sum += ofUp(STEP, x); → sum -= ofUp(STEP, x);",
      "19 Toy.count rounding: sum += ofUp(STEP, x) → sum += ofDown(STEP, x)",
      "19 Toy.count constant: ofUp(STEP, x) → ofUp((STEP + 1), x)",
      "20 Toy.count condition: sum = isOn ? sum : 5 → sum = !(isOn) ? sum : 5",
    ]) {
      expect(shown).to.include(expected);
    }
  });

  it("leave declarations of constants and the steps of loops alone", async () => {
    const sites = await sitesOf(SOURCE);
    expect(sites.filter(({ line }) => line === 4)).to.deep.equal([]);
    expect(
      sites.filter(({ mutated }) => mutated === "(nothing)" && mutated.includes("++")),
    ).to.deep.equal([]);
  });

  it("compile all at once", async () => {
    const sources = new Map([[FILE, SOURCE]]);
    const sites = await validSites(sources, await sitesOf(SOURCE));
    expect(sites.length).to.be.greaterThan(20);
    const mutants = sites.map((site, index) => ({ id: index + 1, site }));
    const { errors } = await compile(instrument(sources, mutants), "trees");
    expect(errors).to.deep.equal([]);
  });

  it("drop what the compiler refuses", async () => {
    const source = SOURCE.replace(
      "sum = isOn ? sum : 5;",
      "int8 top = 127;\n        sum += uint8(top);",
    );
    const all = await sitesOf(source);
    const valid = await validSites(new Map([[FILE, source]]), all);
    const refused = all.filter(
      (site) =>
        !valid.some(({ start, mutated }) => start === site.start && mutated === site.mutated),
    );
    expect(refused.map(({ mutated }) => mutated)).to.include("(127 + 1)");
  });

  it("are told apart where the compiler complains", async () => {
    const sites = await sitesOf(SOURCE);
    const text = Buffer.from(
      writeMutants(
        FILE,
        Buffer.from(SOURCE),
        sites.map((site, index) => ({ id: index + 100, site })),
      ),
    );
    const at = text.indexOf("x <= 3");
    const id = mutantAt(text, at, at + 6) ?? 0;
    expect(sites[id - 100]?.mutated).to.equal("x <= 3 && !isOn");
  });
});

describe("edits of a source", () => {
  it("nest, the longer part outside, and count bytes", () => {
    const source = Buffer.from("≤ab");
    const wrapped = wrapParts(source, [
      { start: 3, end: 4, before: "(", after: ")" },
      { start: 3, end: 5, before: "[", after: "]" },
      { start: 4, end: 5, before: "{", after: "}" },
    ]);
    expect(wrapped).to.equal("≤[(a){b}]");
  });

  it("know their lines", () => {
    const source = Buffer.from("a\nb\nc");
    expect([0, 2, 4].map((offset) => lineOf(source, offset))).to.deep.equal([1, 2, 3]);
  });
});

describe("the sample and the score", () => {
  const site = (folder: string, number: number): Site => ({
    file: `contracts/${folder}/X.sol`,
    line: number,
    place: "X.f",
    operator: "arithmetic",
    original: `a + ${number}`,
    mutated: `a - ${number}`,
    form: "value",
    start: number,
    end: number + 1,
    replacement: "",
  });
  const sites = [
    ...Array.from({ length: 900 }, (_, number) => site("core", number)),
    ...Array.from({ length: 100 }, (_, number) => site("solvency", number)),
  ];
  const folderOf = ({ file }: Site) => file.split("/")[1] ?? "";

  it("draws the same for the same seed, and enough of a small folder", () => {
    const drawn = drawSample(sites, folderOf, 100, 1);
    expect(drawn).to.deep.equal(drawSample(sites, folderOf, 100, 1));
    expect(drawn).not.to.deep.equal(drawSample(sites, folderOf, 100, 2));
    expect(drawn.filter((one) => folderOf(one) === "core")).to.have.length(90);
    expect(drawn.filter((one) => folderOf(one) === "solvency")).to.have.length(40);
  });

  it("weighs folders by what they have, and leaves equivalents out only where it says so", () => {
    const outcome = (folder: string, number: number, isKilled: boolean) => ({
      site: site(folder, number),
      fate: isKilled ? ("killed" as const) : ("survived" as const),
      by: null,
      seconds: 1,
    });
    const outcomes = [
      outcome("core", 1, true),
      outcome("core", 2, true),
      outcome("solvency", 1, true),
      outcome("solvency", 2, false),
    ];
    const verdict = {
      place: "X.f",
      original: "a + 2",
      mutated: "a - 2",
      kind: "equivalent" as const,
      why: "a is 0",
    };
    const scores = scoreFolders(sites, outcomes, [verdict]);
    expect(scores.get("contracts/solvency")?.score).to.equal(0.5);
    expect(scores.get("contracts/solvency")?.scoreOfDifferent).to.equal(1);
    // In thousandths: another plugin of the runner takes closeTo for whole numbers only.
    expect(Math.round(overallScore(scores, "score") * 1_000)).to.equal(950);
    expect(Math.round(overallScore(scores, "scoreOfDifferent") * 1_000)).to.equal(1_000);
  });

  it("refuses options that mean nothing", () => {
    expect(() => parseOptions(["--sample", "0"])).to.throw("whole number of at least 1");
    expect(() => parseOptions(["--only", "contracts/nowhere"])).to.throw("no such file or folder");
    expect(parseOptions(["--help"])).to.equal(null);
  });
});
