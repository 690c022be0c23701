import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { parseOptions } from "../../scripts/demo/cli.ts";
import { InputError } from "../../scripts/demo/input-error.ts";

describe("demo: command line", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "demo-cli-"));
    await writeFile(join(folder, "file"), "");
  });
  after(async () => {
    await rm(folder, { recursive: true });
  });

  const expectRefusal = (args: readonly string[], message: string) =>
    expect(() => parseOptions(args), args.join(" ")).to.throw(InputError, message);

  it("refuses unknown and incomplete options and shows the usage", () => {
    expectRefusal(["--acounts", "3"], "Unknown option '--acounts'");
    expectRefusal(["prices.csv"], "Unexpected argument 'prices.csv'");
    expectRefusal(["--prices"], "argument missing");
    expectRefusal(["--prices"], "Usage: npm run demo");
  });

  it("refuses values that make no sense, and says which would", () => {
    expectRefusal(["--accounts", "0"], '--accounts is "0": give a whole number from 1 to 10000');
    expectRefusal(["--accounts", "10001"], '--accounts is "10001"');
    expectRefusal(["--accounts", "1e3"], '--accounts is "1e3"');
    expectRefusal(["--seed=-1"], '--seed is "-1": give a whole number from 0 to 9007199254740991');
    expectRefusal(["--seed", "9007199254740992"], '--seed is "9007199254740992"');
    expectRefusal(["--policy", "half"], '--policy is "half": choose partial or full');
    expectRefusal(["--prices", " "], "--prices is empty: give a file name");
    expectRefusal(["--out", ""], "--out is empty: give a file name");
  });

  it("refuses a report that could not be written", () => {
    expectRefusal(["--out", folder], "a folder: give a file name");
    expectRefusal(["--out", join(folder, "file", "report.json")], "is a file, not a folder");
    expectRefusal(["--out", "report.html"], "the name the chart gets: end it in .json");
  });

  it("has a default for everything", () => {
    expect(parseOptions([])).to.deep.equal({
      prices: null,
      accounts: 60,
      seed: 1,
      policy: "partial",
      reportFile: "out/demo/report.json",
      chartFile: "out/demo/report.html",
    });
  });

  it("reads every option, the chart beside the report", () => {
    const out = join(folder, "new", "full.json");
    const args = [
      "--prices",
      "a.csv",
      "--accounts=8",
      "--seed",
      "0",
      "--policy",
      "full",
      "--out",
      out,
    ];
    expect(parseOptions(args)).to.deep.equal({
      prices: "a.csv",
      accounts: 8,
      seed: 0,
      policy: "full",
      reportFile: out,
      chartFile: join(folder, "new", "full.html"),
    });
    expect(parseOptions(["--out", "report"])?.chartFile).to.equal("report.html");
  });

  it("asks for nothing else when help is wanted", () => {
    expect(parseOptions(["--help"])).to.equal(null);
    expect(parseOptions(["-h", "--accounts", "many"])).to.equal(null);
  });
});
