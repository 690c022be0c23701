import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import {
  FLATNESS_USAGE,
  parseBenchOptions,
  parseCheckOptions,
  wantsHelp,
} from "../../scripts/bench/cli.ts";
import { differences, parseSnapshot } from "../../scripts/bench/compare.ts";
import { differencesTable } from "../../scripts/bench/table.ts";
import { InputError } from "../../scripts/demo/input-error.ts";

describe("Gas bench: options", () => {
  const folder = mkdtempSync(join(tmpdir(), "breakwater-gas-"));
  before(() => writeFileSync(join(folder, "file"), ""));
  after(() => rmSync(folder, { recursive: true }));

  const expectRefusal = (args: readonly string[], message: string) =>
    expect(() => parseBenchOptions(args), args.join(" ")).to.throw(InputError, message);

  it("refuses unknown and incomplete options and shows the usage", () => {
    expectRefusal(["--output", "a.json"], "Unknown option '--output'");
    expectRefusal(["gas.json"], "Unexpected argument 'gas.json'");
    expectRefusal(["--out"], "argument missing");
    expectRefusal(["--out"], "Usage: npm run bench:gas");
    expect(() => parseCheckOptions(["--out", "a"])).to.throw(
      InputError,
      "Usage: npm run gas:check",
    );
  });

  it("refuses a file that could not be written, before anything is measured", () => {
    expectRefusal(["--out", " "], "--out is empty: give a file name");
    expectRefusal(["--out", folder], "a folder: give a file name");
    expectRefusal(["--out", join(folder, "file", "gas.json")], "is a file, not a folder");
  });

  it("reads every option", () => {
    expect(parseBenchOptions([])).to.deep.equal({ out: null });
    const out = join(folder, "new", "gas.json");
    expect(parseBenchOptions(["--out", out])).to.deep.equal({ out });
    expect(parseCheckOptions([])).to.deep.equal({ update: false });
    expect(parseCheckOptions(["--update"])).to.deep.equal({ update: true });
    expect(parseBenchOptions(["--help", "--out", folder])).to.equal(null);
    expect(parseCheckOptions(["-h"])).to.equal(null);
    expect(wantsHelp([], FLATNESS_USAGE)).to.equal(false);
    expect(wantsHelp(["-h"], FLATNESS_USAGE)).to.equal(true);
    expect(() => wantsHelp(["10"], FLATNESS_USAGE)).to.throw(InputError, "npm run bench:flatness");
  });
});

describe("Gas bench: comparison with the snapshot", () => {
  it("lets half a percent pass and fails what is above it", () => {
    const before = { open: 200_000, close: 200_000, reduce: 200_000, increase: 200_000 };
    const after = { open: 201_000, close: 201_001, reduce: 150_000, increase: 200_000 };
    expect(differences(before, after)).to.deep.equal([
      { name: "open", before: 200_000, after: 201_000, worse: false },
      { name: "close", before: 200_000, after: 201_001, worse: true },
      { name: "reduce", before: 200_000, after: 150_000, worse: false },
    ]);
  });

  it("fails an operation that only one side has", () => {
    expect(differences({ open: 1 }, { close: 2 })).to.deep.equal([
      { name: "open", before: 1, after: undefined, worse: true },
      { name: "close", before: undefined, after: 2, worse: true },
    ]);
  });

  it("shows every difference with its size", () => {
    const table = differencesTable(
      differences({ open: 200_000, close: 1, reduce: 80_000 }, { open: 210_000, reduce: 60_000 }),
    );
    expect(table).to.match(/open +200,000 +210,000 +\+5\.0 % {2}worse/);
    expect(table).to.match(/reduce +80,000 +60,000 +-25\.0 %$/m);
    expect(table).to.match(/close +1 +– +gone {2}worse/);
    expect(differencesTable([])).to.equal("No difference from the snapshot.");
  });

  it("refuses a snapshot that is none, and says what to do", () => {
    const expectRefused = (text: string, message: string) =>
      expect(() => parseSnapshot(text, "s.json"), text).to.throw(InputError, message);
    expectRefused("{", "s.json is not JSON: renew it with npm run gas:check -- --update");
    expectRefused("[1]", "s.json is not an object of names and numbers");
    expectRefused('{"opening":1}', 's.json has "opening", which is not measured');
    expectRefused('{"open":1.5}', 's.json has 1.5 for "open"');
    expectRefused('{"open":0}', 's.json has 0 for "open"');
    expect(parseSnapshot('{"open":190000}', "s.json")).to.deep.equal({ open: 190_000 });
  });
});
