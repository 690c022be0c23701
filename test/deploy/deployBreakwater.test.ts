import { expect } from "chai";
import { network } from "hardhat";
import { deployBreakwater } from "../../deploy/deployBreakwater.ts";
import { readParameters } from "../../deploy/readParameters.ts";
import { clearingHouseAbi } from "../../sdk/src/abis/ClearingHouse.ts";
import { enums } from "../../sdk/src/abis/enums.ts";
import { formatManifest, parseManifest } from "../../sdk/src/manifest.ts";
import { typedContract } from "../../sdk/src/typedContract.ts";

describe("deployBreakwater", () => {
  it("deploys a whole house with open markets", async () => {
    const { provider, ethers } = await network.create();
    const [deployer] = await ethers.getSigners();
    if (deployer === undefined) throw new Error("The chain has no accounts");
    const parameters = await readParameters("local");
    const manifest = await deployBreakwater({ provider, parameters, deployer: deployer.address });

    expect(parseManifest(formatManifest(manifest), "manifest")).to.deep.equal(manifest);
    const house = typedContract(
      clearingHouseAbi,
      manifest.contracts.clearingHouse,
      ethers.provider,
    );
    for (const market of manifest.markets) {
      const { mode } = await house.call("marketOf", [BigInt(market.id)]);
      expect(enums.MarketMode[Number(mode)]).to.equal("Open");
    }
  });
});
