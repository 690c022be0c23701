import { readFileSync } from "node:fs";
import { expect } from "chai";
import { deployBreakwater } from "../../deploy/deployBreakwater.ts";
import { readParameters } from "../../deploy/readParameters.ts";
import { stewardLimitsOf } from "../../deploy/steward.ts";
import { enums } from "../../sdk/src/abis/enums.ts";
import { replayFeedAbi } from "../../sdk/src/abis/ReplayFeed.ts";
import { riskEngineAbi } from "../../sdk/src/abis/RiskEngine.ts";
import { riskStewardAbi } from "../../sdk/src/abis/RiskSteward.ts";
import { formatD18 } from "../../sdk/src/amounts.ts";
import { explainError } from "../../sdk/src/errors.ts";
import { marketOf } from "../../sdk/src/manifest.ts";
import { divUp } from "../../sdk/src/math/fixedPoint.ts";
import { RISK_PARAMETERS, type RiskParameterName } from "../../sdk/src/parameters.ts";
import { typedContract } from "../../sdk/src/typedContract.ts";
import { rowsBelow } from "../docs/tables.ts";
import { localChain, send } from "./support.ts";

const sepolia = await readParameters("sepolia");
const local = await readParameters("local");

/** Of these a fall lets accounts risk more; of all others of the table a rise. */
const LOOSER_BELOW: readonly RiskParameterName[] = [
  "initialMargin",
  "maintenanceMargin",
  "sizeSlope",
  "deviations",
  "maxMultiplier",
];

const NAMES: readonly string[] = RISK_PARAMETERS;

/** A number as it is written on a page, without what groups its digits. */
const plain = (cell: string | undefined): string => (cell ?? "").replaceAll(",", "");

describe("the steward's limits", function () {
  this.timeout(600_000);

  it("are for parameters by the names and numbers that the contract has", () => {
    const named = enums.RiskParameter.map((name) => name.charAt(0).toLowerCase() + name.slice(1));
    expect([...RISK_PARAMETERS]).to.deep.equal(named);
  });

  it("are given for every parameter on every network, around what each market begins with", () => {
    for (const { markets, steward } of [sepolia, local]) {
      for (const market of markets) {
        const limits = stewardLimitsOf(market, steward);
        // Margins that stand still have no horizon, deviations or caps.
        expect(limits.length).to.equal(market.adaptive === null ? 23 : RISK_PARAMETERS.length);
        // Caps go up by the governor only, and nothing by which maintenance margin would rise at once.
        for (const { name, limits: each } of limits) {
          if (name === "exposureCap") expect(each.highest).to.equal(market.terms.exposureCap);
          if (name === "sizeSlope") expect(each.stepUp).to.equal(0n);
        }
      }
    }
  });

  // P3: what a stolen steward's key is worth, as docs/security.md says it.
  it("P3: bound what a thief of the steward's key changes in a day and ever", async () => {
    const rows = rowsBelow(
      readFileSync("docs/security.md", "utf8").split("\n"),
      "| a thief makes of |",
    );
    expect(rows.length).to.be.greaterThan(5);
    const chain = await localChain();
    const { provider, reader, deployer, governor, guardian, trader: thief } = chain;
    // Sepolia's terms, with feeds that a test can move.
    const markets = sepolia.markets.map((market, id) => ({
      ...market,
      feed: local.markets[id]?.feed ?? market.feed,
      oracle: local.markets[id]?.oracle ?? market.oracle,
    }));
    const manifest = await deployBreakwater({
      provider,
      parameters: {
        ...sepolia,
        chainId: 31_337,
        markets,
        roles: {
          governor: governor.address,
          governorDelaySeconds: 172_800,
          guardian: guardian.address,
          steward: thief.address,
          forecaster: null,
        },
      },
      deployer: deployer.address,
    });
    const steward = typedContract(riskStewardAbi, manifest.contracts.riskSteward, reader);
    const risk = typedContract(riskEngineAbi, manifest.contracts.riskEngine, reader);
    const feed = typedContract(replayFeedAbi, marketOf(manifest, "ETH").feed.replay ?? "", reader);
    const currentOf = async (name: string) => {
      const parameter = BigInt(NAMES.indexOf(name));
      return (await steward.call("allowedRange", [0n, parameter])).value;
    };
    const loosenAll = async () => {
      for (const [name = ""] of rows) {
        const index = NAMES.indexOf(name);
        expect(index, name).to.not.equal(-1);
        const parameter = BigInt(index);
        const { value, low, high } = await steward.call("allowedRange", [0n, parameter]);
        const step = name === "deviations" ? 10n ** 15n : 10n ** 9n;
        const whole = LOOSER_BELOW.some((known) => known === name)
          ? divUp(low, step) * step
          : (high / step) * step;
        if (whole === value) continue;
        try {
          await send(thief, steward, "change", [0n, parameter, whole]);
        } catch (error) {
          throw new Error(`${name}: ${explainError(error).sentence}`);
        }
      }
    };
    const nextDay = async () => {
      await reader.send("evm_increaseTime", [86_400]);
      await send(deployer, feed, "push", [2_000n * 10n ** 8n]);
    };
    for (const [name = "", begins] of rows) {
      expect(formatD18(await currentOf(name)), `${name} begins`).to.equal(plain(begins));
    }
    const rate = async () => (await risk.call("ratesOf", [0n])).maintenanceRate;
    const before = await rate();
    await loosenAll();
    for (const [name = "", , inADay] of rows) {
      expect(formatD18(await currentOf(name)), `${name} in a day`).to.equal(plain(inADay));
    }
    // RAMP-1, and the fall is ramped, too.
    const [at] = [await rate()];
    expect(at <= before && at > (before * 999n) / 1_000n, `${at}`).to.equal(true);
    for (let day = 0; day < 30; day++) {
      await nextDay();
      await loosenAll();
    }
    for (const [name = "", , , ever] of rows) {
      expect(formatD18(await currentOf(name)), `${name} ever`).to.equal(plain(ever));
    }
  });
});
