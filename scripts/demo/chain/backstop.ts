import { MaxUint256 } from "ethers";
import { ONE } from "../../../sdk/src/amounts.ts";
import { mintTo, toNative } from "./funding.ts";
import type { House } from "./house.ts";
import type { LocalChain } from "./local-chain.ts";
import { ROLES } from "./roles.ts";

/** D18{USD} What is staked in the backstop, which may hold three times as much. */
const STAKED_USD = 600_000n * ONE;
const DEPOSIT_GAS = 1_000_000n;

/** A staker pays into the backstop. */
export async function stakeInBackstop(query: { chain: LocalChain; house: House }): Promise<void> {
  const { chain, house } = query;
  const staker = chain.account(ROLES.staker);
  const amountNative = toNative(house, STAKED_USD);
  await mintTo({ chain, house, holder: staker, amountNative });
  const { backstop, token } = house;
  await chain.send(staker, token.transaction("approve", [backstop.address, MaxUint256]));
  const deposit = backstop.transaction("deposit", [amountNative, staker]);
  await chain.send(staker, { ...deposit, gas: DEPOSIT_GAS });
  await chain.mine(chain.now + 1n);
}
