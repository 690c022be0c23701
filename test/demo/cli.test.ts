import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { parseOptions } from "../../scripts/demo/cli.ts";
import { InputError } from "../../scripts/demo/input-error.ts";
import { ONE } from "../../sdk/src/amounts.ts";

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
    expectRefusal(["--taker", "two"], '--taker is "two": choose none, one or many');
    expectRefusal(["--breaker", "off"], '--breaker is "off": choose trip or watch');
    for (const depth of ["0", "0.0099", "100.1", "1e-1", "-1", "deep", ".5"]) {
      expectRefusal(
        [`--depth=${depth}`],
        `--depth is "${depth}": give a number from 0.01 to 100, such as 0.05`,
      );
    }
    for (const time of ["", "1.5h", "-1", "10d", "169h", "604801", "h"]) {
      expectRefusal(
        [`--keepers-absent=${time}`],
        `--keepers-absent is "${time}": give seconds, or a time like 90s, 10m or 6h, at most 168h`,
      );
    }
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
      depth: ONE,
      keepersAbsentSeconds: 0,
      taker: "one",
      breaker: "trip",
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
      "--depth",
      "0.05",
      "--keepers-absent=90m",
      "--breaker",
      "watch",
      "--taker",
      "many",
      "--out",
      out,
    ];
    expect(parseOptions(args)).to.deep.equal({
      prices: "a.csv",
      accounts: 8,
      seed: 0,
      policy: "full",
      depth: ONE / 20n,
      keepersAbsentSeconds: 5_400,
      taker: "many",
      breaker: "watch",
      reportFile: out,
      chartFile: join(folder, "new", "full.html"),
    });
    expect(parseOptions(["--out", "report"])?.chartFile).to.equal("report.html");
  });

  it("reads times in seconds, minutes and hours, up to a week", () => {
    const seconds = (time: string) =>
      parseOptions([`--keepers-absent=${time}`])?.keepersAbsentSeconds;
    expect(["0", "75", "75s", "3m", "2h", "168h"].map(seconds)).to.deep.equal([
      0, 75, 75, 180, 7_200, 604_800,
    ]);
  });

  it("asks for nothing else when help is wanted", () => {
    expect(parseOptions(["--help"])).to.equal(null);
    expect(parseOptions(["-h", "--accounts", "many"])).to.equal(null);
  });
});
