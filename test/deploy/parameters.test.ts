import { expect } from "chai";
import { knownParameters, readParameters } from "../../deploy/readParameters.ts";
import { ParametersError, parametersSchema, parseParameters } from "../../sdk/src/parameters.ts";

const local = await readParameters("local");

/** Local parameters with the setting at a path replaced, as text. */
function changed(path: readonly (string | number)[], value: unknown): string {
  const json: unknown = parametersSchema.encode(local);
  let place: unknown = json;
  for (const key of path.slice(0, -1)) {
    if (typeof place === "object" && place !== null) place = Reflect.get(place, key);
  }
  const last = path.at(-1);
  if (typeof place !== "object" || place === null || last === undefined) throw new Error("no path");
  Reflect.set(place, last, value);
  return JSON.stringify(json);
}

function problemsOf(text: string): readonly string[] {
  try {
    parseParameters(text, "test.json");
  } catch (error) {
    if (error instanceof ParametersError) return error.problems;
    throw error;
  }
  return [];
}

describe("parameters", () => {
  it("can be used for every network they are written for", async () => {
    const names = await knownParameters();
    expect(names).to.include.members(["local", "sepolia"]);
    for (const name of names) {
      const { network, markets } = await readParameters(name);
      expect(network).to.equal(name);
      expect(markets.map(({ symbol }) => symbol)).to.deep.equal(["ETH", "BTC"]);
    }
  });

  it("use Chainlink's own feeds on Sepolia", async () => {
    const { markets, sequencer } = await readParameters("sepolia");
    expect(markets.map(({ feed }) => feed.kind === "chainlink" && feed.address)).to.deep.equal([
      "0x694AA1769357215DE4FAC081bf1f309aDC325306",
      "0x1b44F3514812d835EB1BDB0acB33d3fA3351Ee43",
    ]);
    expect(sequencer).to.equal(null);
  });

  it("are the same after they were written and read", () => {
    expect(parseParameters(JSON.stringify(parametersSchema.encode(local)), "x")).to.deep.equal(
      local,
    );
  });

  const cases: readonly [(string | number)[], unknown, string][] = [
    [
      ["markets", 0, "risk", "initialMargin"],
      "0.001",
      "markets[0].risk.initialMargin: is 0.001; allowed are 0.005 to 1",
    ],
    [
      ["markets", 1, "risk", "maintenanceMargin"],
      "0.06",
      "markets[1].risk.maintenanceMargin: is 0.06; at most the initialMargin 0.05",
    ],
    [
      ["markets", 1, "adaptive"],
      {
        horizonSeconds: 3_600,
        deviations: "2",
        regimeCaps: { macro: "0.5", correlation: "0.3", congestion: "0.2", cluster: "0.1" },
      },
      "markets[1].adaptive.regimeCaps: are 1.1 together; at most 1",
    ],
    [
      ["markets", 0, "breaker", "moveHalt"],
      "0.05",
      "markets[0].breaker.moveHalt: is 0.05; allowed are 0 and 0.1 to 1",
    ],
    [
      ["markets", 0, "breaker", "moveGuard"],
      "0",
      "markets[0].breaker.moveHalt: is 0.15; there must be a moveGuard, and it is at least that (0)",
    ],
    [
      ["markets", 0, "terms", "takerFee"],
      "0.0000005",
      "markets[0].terms.takerFee: is 0.0000005; it must be a multiple of 0.000001",
    ],
    [
      ["markets", 0, "oracle", "floor"],
      "1.234",
      "markets[0].oracle.floor: is 1.234; at most three significant digits are kept",
    ],
    [
      ["markets", 0, "oracle", "maxAgeSeconds"],
      1_800,
      "markets[0].oracle.maxAgeSeconds: is 1800 s; below the heartbeat of 3600 s a calm market goes stale",
    ],
    [
      ["markets", 0, "pool", "delaySeconds"],
      60,
      "markets[0].pool.delaySeconds: is 60 s; allowed are 3600 to 2592000 s",
    ],
    [
      ["liquidationDepositUsd"],
      "abc",
      'liquidationDepositUsd: "abc" is not a decimal number; write it like 1234.5',
    ],
    [["roles", "governor"], "0x12", 'roles.governor: "0x12" is not an address'],
    [["markets", 1, "symbol"], "ETH", "markets[1].symbol: is ETH, as is that of market 0"],
    [
      ["credit", "collateral", 0, "terms", "minShare"],
      "0.4",
      "credit.collateral[0].terms.minShare: is 0.4; it must be from half of the topShare 0.85 to all of it",
    ],
    [
      ["credit", "collateral", 1, "terms", "maxDiscount"],
      "0.13",
      "credit.collateral[1].terms.maxDiscount: is 0.13; with the topShare 0.85 at most 0.97, or a sale might not restore",
    ],
    [
      ["credit", "collateral", 1, "symbol"],
      "WBTC",
      "credit.collateral[1].symbol: is WBTC, as is that of collateral 0",
    ],
    [
      ["credit", "rates", "kinkRate"],
      "2",
      "credit.rates.kinkRate: is 2; it must be from the baseRate 0.02 to the maxRate 1",
    ],
  ];
  for (const [path, value, problem] of cases) {
    it(`refuse ${path.join(".")} ${String(value)} by name, value and bound`, () => {
      expect(problemsOf(changed(path, value))).to.include(problem);
    });
  }

  it("name what is missing, and what is unknown", () => {
    expect(problemsOf(changed(["houseEpochCaps"], undefined)).join()).to.match(/^houseEpochCaps: /);
    expect(problemsOf(changed(["leverage"], "5")).join()).to.include("leverage");
  });

  it("are refused when they are no JSON", () => {
    expect(problemsOf("{").join()).to.match(/^it is not JSON: /);
  });
});
