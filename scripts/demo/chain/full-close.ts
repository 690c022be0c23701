import { AbiCoder, concat, encodeBytes32String } from "ethers";
import hre from "hardhat";
import type { House } from "./house.ts";
import type { LocalChain } from "./local-chain.ts";

const CODE_GAS = 5_000_000n;

/** Puts the planner of first-generation systems in the place of the deployed one. Only the governor can. */
export async function useFullClosing(query: {
  chain: LocalChain;
  house: House;
  governor: string;
}): Promise<void> {
  const { chain, house, governor } = query;
  const { riskEngine, liquidationEngine } = house.manifest.contracts;
  const { bytecode } = await hre.artifacts.readArtifact("FullCloseEngine");
  const parameters = AbiCoder.defaultAbiCoder().encode(
    ["address", "address"],
    [riskEngine, liquidationEngine],
  );
  await chain.send(governor, { to: null, data: concat([bytecode, parameters]), gas: CODE_GAS });
  const { receipts } = await chain.mine(chain.now + 1n);
  const address = receipts.at(-1)?.contractAddress;
  if (address === undefined || address === null) throw new Error("no planner was deployed");
  const name = encodeBytes32String("liquidation");
  await chain.send(governor, house.house.transaction("setModule", [name, address]));
  await chain.mine(chain.now + 1n);
}
