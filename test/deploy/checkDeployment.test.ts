import { expect } from "chai";
import { checkDeployment } from "../../deploy/checkDeployment.ts";
import { deployBreakwater } from "../../deploy/deployBreakwater.ts";
import { readParameters } from "../../deploy/readParameters.ts";
import { ROLES } from "../../deploy/roles.ts";
import { accessManagerAbi } from "../../sdk/src/abis/AccessManager.ts";
import { clearingHouseAbi } from "../../sdk/src/abis/ClearingHouse.ts";
import { liquidationEngineAbi } from "../../sdk/src/abis/LiquidationEngine.ts";
import { oracleRouterAbi } from "../../sdk/src/abis/OracleRouter.ts";
import { riskEngineAbi } from "../../sdk/src/abis/RiskEngine.ts";
import { typedContract } from "../../sdk/src/typedContract.ts";
import { localChain, send } from "./support.ts";

/** Those of a local network, the first market's margins following volatility as they do elsewhere. */
async function parametersWithAdaptiveMargins() {
  const local = await readParameters("local");
  const adaptive = (await readParameters("sepolia")).markets[0]?.adaptive ?? null;
  expect(adaptive).to.not.equal(null);
  const markets = local.markets.map((market, id) => (id === 0 ? { ...market, adaptive } : market));
  return { ...local, markets };
}

describe("P2: deployed bytecode, roles and parameters equal the manifest (AUTH-1)", function () {
  this.timeout(600_000);

  const PUBLIC_ROLE = 2n ** 64n - 1n;

  /** One deployment; each test begins with the chain as it left it. */
  let ready: ReturnType<typeof deploy> | undefined;
  let snapshot: unknown;

  async function deployed() {
    ready ??= deploy();
    const made = await ready;
    if (snapshot !== undefined) await made.reader.send("evm_revert", [snapshot]);
    snapshot = await made.reader.send("evm_snapshot", []);
    return made;
  }

  async function deploy() {
    const chain = await localChain();
    const { provider, reader, deployer } = chain;
    const parameters = await parametersWithAdaptiveMargins();
    const manifest = await deployBreakwater({ provider, parameters, deployer: deployer.address });
    const { contracts } = manifest;
    return {
      ...chain,
      manifest,
      house: typedContract(clearingHouseAbi, contracts.clearingHouse, reader),
      manager: typedContract(accessManagerAbi, contracts.accessManager, reader),
      risk: typedContract(riskEngineAbi, contracts.riskEngine, reader),
      engine: typedContract(liquidationEngineAbi, contracts.liquidationEngine, reader),
      oracle: typedContract(oracleRouterAbi, contracts.oracleRouter, reader),
      problems: () => checkDeployment(reader, manifest),
    };
  }

  it("finds nothing in a deployment as it was made", async () => {
    expect(await (await deployed()).problems()).to.deep.equal([]);
  });

  it("catches one changed byte of code, and code that is missing", async () => {
    const { reader, manifest, problems } = await deployed();
    const { lens, insuranceFund } = manifest.contracts;
    const code = await reader.getCode(lens);
    // The last byte of the metadata, far from any immutable.
    await reader.send("hardhat_setCode", [lens, `${code.slice(0, -2)}ff`]);
    expect(await problems()).to.deep.equal([
      `lens: the code at ${lens} is not Lens as built here (deployed from commit ${manifest.commit})`,
    ]);
    await reader.send("hardhat_setCode", [insuranceFund, "0x"]);
    expect(await problems()).to.include(`insuranceFund: no code at ${insuranceFund}`);
  });

  it("catches a library other than the one linked", async () => {
    const { reader, manifest } = await deployed();
    const { Trading = "", HouseViews = "" } = manifest.libraries;
    const libraries = { ...manifest.libraries, Trading: HouseViews, HouseViews: Trading };
    const problems = await checkDeployment(reader, { ...manifest, libraries });
    expect(problems.map((problem) => problem.split(":")[0])).to.have.members([
      "clearingHouse",
      "Trading",
      "HouseViews",
    ]);
  });

  it("catches a changed term by name, with both values", async () => {
    const { deployer, risk, problems } = await deployed();
    const terms = await risk.call("riskTermsOf", [1n]);
    const initialMargin = terms.initialMargin * 2n;
    await send(deployer, risk, "setRiskTerms", [1n, { ...terms, initialMargin }]);
    expect(await problems()).to.deep.equal([
      "BTC risk.initialMargin: is 100000000000000000, not 50000000000000000",
    ]);
  });

  it("catches changed margins that follow, by name", async () => {
    const { deployer, risk, problems } = await deployed();
    const { source, horizonSeconds, deviations, regimeCaps } = await risk.call("adaptiveTermsOf", [
      0n,
    ]);
    const changed = { source, horizonSeconds: horizonSeconds * 2n, deviations, regimeCaps };
    await send(deployer, risk, "setAdaptiveTerms", [0n, changed]);
    expect(await problems()).to.deep.equal(["ETH adaptive.horizonSeconds: is 7200, not 3600"]);
  });

  it("catches a changed feed", async () => {
    const { deployer, oracle, manifest, problems } = await deployed();
    const { config } = await oracle.call("feedOf", [0n]);
    const feed = manifest.markets[0]?.feed.replay ?? "";
    await send(deployer, oracle, "setFeed", [0n, { ...config, feed }]);
    expect(await problems()).to.deep.equal([
      `ETH oracle.feed: is ${feed}, not ${manifest.markets[0]?.feed.address}`,
    ]);
  });

  it("catches a role held by somebody else, and one not held any more", async () => {
    const { deployer, trader, manager, problems } = await deployed();
    await send(deployer, manager, "grantRole", [ROLES.governor, trader.address, 0n]);
    await send(deployer, manager, "revokeRole", [ROLES.guardian, deployer.address]);
    expect(await problems()).to.have.members([
      `role governor: ${trader.address} holds it, and should not`,
      `role guardian: ${deployer.address} should hold it, and does not`,
    ]);
  });

  it("catches a function given to everybody", async () => {
    const { deployer, manager, house, problems } = await deployed();
    const selector = house.interface.getFunction("setModule")?.selector ?? "";
    await send(deployer, manager, "setTargetFunctionRole", [
      house.address,
      [selector],
      PUBLIC_ROLE,
    ]);
    expect(await problems()).to.deep.equal([
      `clearingHouse.setModule: is for role ${PUBLIC_ROLE}, not for role ${ROLES.governor}`,
    ]);
  });

  it("catches another judge, and another venue", async () => {
    const { deployer, trader, house, manifest, problems } = await deployed();
    const risk = `0x${Buffer.from("risk").toString("hex").padEnd(64, "0")}`;
    await send(deployer, house, "setModule", [risk, manifest.contracts.lens]);
    await send(deployer, house, "setVenue", [trader.address, true]);
    expect(await problems()).to.have.members([
      `module risk: is ${manifest.contracts.lens}, not ${manifest.contracts.riskEngine}`,
      `venue ${trader.address}: listed, and should not be`,
    ]);
  });

  it("refuses the manifest of another chain", async () => {
    const { reader, manifest } = await deployed();
    expect(await checkDeployment(reader, { ...manifest, chainId: 1 })).to.deep.equal([
      "the manifest is of chain 1, and the node answers for 31337",
    ]);
  });
});
