import { expect } from "chai";
import { Wallet } from "ethers";
import { accessManagerAbi } from "../../sdk/src/abis/AccessManager.ts";
import { liquidationMapAbi } from "../../sdk/src/abis/LiquidationMap.ts";
import { oracleRouterAbi } from "../../sdk/src/abis/OracleRouter.ts";
import { riskEngineAbi } from "../../sdk/src/abis/RiskEngine.ts";
import { type AccountId, describeAccount } from "../../sdk/src/accountId.ts";
import { ONE, parseD18 } from "../../sdk/src/amounts.ts";
import { bucketOf } from "../../sdk/src/forecast/logBuckets.ts";
import { typedContract } from "../../sdk/src/typedContract.ts";
import { expectNear } from "../support/near.ts";
import { KeeperProcess, runCommand } from "./support/keeperProcess.ts";
import { KEEPER_KEY, type LocalHouse, startLocalHouse } from "./support/localHouse.ts";

const ETH = 0n;
const FALL = 1n;
const CAP = (20n * ONE) / 100n;

describe("a keeper process that forecasts cascades", () => {
  let house: LocalHouse;
  let keeper: KeeperProcess;
  let trader: AccountId;
  const wallet = new Wallet(KEEPER_KEY).address;
  const settings = {
    BREAKWATER_FORECAST: "true",
    BREAKWATER_FORECAST_DEPTH_USD: "ETH=200000",
    BREAKWATER_FORECAST_INTERVAL_SECONDS: "10",
    BREAKWATER_FORECAST_RAISE_ABOVE: "0.02",
  };

  before(async () => {
    house = await startLocalHouse();
    await asDeployer(
      risk().transaction("setAdaptiveTerms", [
        ETH,
        {
          source: house.manifest.contracts.oracleRouter,
          horizonSeconds: 3_600n,
          deviations: 2n * ONE,
          regimeCaps: [0n, 0n, 0n, CAP],
        },
      ]),
    );
    keeper = new KeeperProcess(house, settings);
    trader = await house.join(0, "50000");
  });

  after(async () => {
    await keeper.stop();
    await house.close();
  });

  const risk = () =>
    typedContract(riskEngineAbi, house.manifest.contracts.riskEngine, house.provider);
  const oracle = () =>
    typedContract(oracleRouterAbi, house.manifest.contracts.oracleRouter, house.provider);
  const map = () =>
    typedContract(liquidationMapAbi, house.manifest.contracts.liquidationMap, house.provider);
  const manager = () =>
    typedContract(accessManagerAbi, house.manifest.contracts.accessManager, house.provider);

  async function asDeployer(transaction: { to: string; data: string }): Promise<void> {
    const response = await (await house.provider.getSigner(0)).sendTransaction(transaction);
    await response.wait();
  }

  const command = (name: string, ...args: string[]) =>
    runCommand([name, ...args], {
      BREAKWATER_MANIFEST: house.manifestFile,
      BREAKWATER_RPC_URLS: house.url,
      BREAKWATER_PRIVATE_KEY: KEEPER_KEY,
      ...settings,
    });

  it("notes a position on the map, where the house's margin ends", async () => {
    await house.commit(0, { size: "300" });
    await keeper.idleAt(await house.publish("2000"));
    expect(await house.sizeOf(trader)).to.equal(parseD18("300"));
    await house.later(15);
    await keeper.idleAt(await house.publish("2000"));
    const entry = await map().call("entryOf", [trader, ETH]);
    expect(entry.direction).to.equal(FALL);
    // 50 000 USD less fees and maintenance margin of 18 000 carry 300 ETH by about 110 USD each.
    expectNear(Number(entry.price) / 1e18, 1_893, 5);
    const bucket = await map().call("bucketOf", [entry.price]);
    expect(Number(bucket)).to.equal(bucketOf(entry.price));
    expect(await map().call("bucketsOf", [ETH, FALL, bucket, 1n])).to.deep.equal([
      entry.notionalUsd,
    ]);
  });

  it("sees that it would feed itself, and says that it may not raise R", async () => {
    // Moves of 2 % within buckets of ten minutes: there is volatility.
    for (const price of ["1980", "2020", "1985", "2020", "1990"]) {
      await house.later(610);
      await house.publish(price);
      await asDeployer(oracle().transaction("poke", [1n]));
    }
    await house.later(15);
    await keeper.idleAt(await house.publish("1995"));
    await keeper.untilOutput("Liquidations would feed themselves");
    await keeper.untilOutput(`${wallet} may not call raiseRegime on the risk engine`);
    expect((await risk().call("multipliersOf", [ETH])).regime).to.equal(ONE);
    const { code, output } = await command("check");
    expect(code).to.not.equal(0);
    expect(output).to.contain("Forecasts  cascades every 10 s, 6 h ahead, from the index");
    expect(output).to.contain("Problem    ").and.contain("may not call raiseRegime");
  });

  it("raises R once it has the role, and not again while that stands", async () => {
    const selector = risk().interface.getFunction("raiseRegime")?.selector ?? "";
    const role = await manager().call("getTargetFunctionRole", [risk().address, selector]);
    await asDeployer(manager().transaction("grantRole", [role, wallet, 0n]));
    await house.later(20);
    await keeper.idleAt(await house.publish("1998"));
    const { regime } = await risk().call("multipliersOf", [ETH]);
    expect(regime > ONE && regime <= ONE + CAP, String(regime)).to.equal(true);
    const sent = keeper.output.split('"kind":"raiseRegime"').length;
    await house.later(20);
    await keeper.idleAt(await house.publish("2002"));
    const after = await risk().call("multipliersOf", [ETH]);
    if (after.regime === regime)
      expect(keeper.output.split('"kind":"raiseRegime"').length).to.equal(sent);
    else expect(after.regime > regime).to.equal(true);
  });

  it("explains where the account would be liquidated, and what the map says", async () => {
    const { output } = await command("explain", describeAccount(trader));
    expect(output).to.match(
      /Liquidated {3}ETH: at 18\d\d\.\d\d USD, the others staying; on the map there at 18\d\d\.\d\d USD, as of \d{4}-/,
    );
    expect(output).to.match(/Forecast {5}ETH: a fall feeds itself from 18\d\d\.\d\d to /);
  });

  it("takes it off the map when it has left", async () => {
    await house.commit(0, { size: "-300" });
    await keeper.idleAt(await house.publish("2001"));
    expect(await house.sizeOf(trader)).to.equal(0n);
    await house.later(20);
    await keeper.idleAt(await house.publish("2001"));
    expect((await map().call("entryOf", [trader, ETH])).price).to.equal(0n);
  });
});
