import { MaxUint256 } from "ethers";
import { nativeFromD18, ONE } from "../../../sdk/src/amounts.ts";
import { type House, marketsOf } from "./house.ts";
import type { Call, LocalChain } from "./local-chain.ts";
import { ROLES } from "./roles.ts";

/** D18{USD} */
export const INSURANCE_USD = 250_000n * ONE;
/** Deposits per transaction. */
const DEPOSITS_PER_CALL = 40;
const DEPOSIT_GAS = 120_000n;

export interface Deposit {
  readonly account: bigint;
  readonly amountUsd: bigint;
}

/** Mints the settlement token, fills pools and insurance. The first deposit into a pool is processed at once; later ones would have to wait. */
export async function fundHouse(query: { chain: LocalChain; house: House }): Promise<void> {
  const { chain, house } = query;
  const { token } = house;
  const treasurer = chain.account(ROLES.treasurer);
  const send = (call: Call) => chain.send(treasurer, call);
  const poolUsd = house.liquidity.cashUsd;
  const poolNative = toNative(house, poolUsd);
  const totalUsd = 2n * poolUsd + INSURANCE_USD;
  await send(token.transaction("mint", [treasurer, toNative(house, totalUsd)]));
  await send(token.transaction("approve", [house.house.address, MaxUint256]));
  for (const { pool } of marketsOf(house)) {
    const id = await pool.call("nextDepositId", []);
    const anyPrice = 2n ** 128n - 1n;
    await send(token.transaction("approve", [pool.address, poolNative]));
    await send(pool.transaction("requestDeposit", [poolNative, anyPrice]));
    await send(pool.transaction("processDeposit", [id]));
  }
  await send(depositCall(house, { account: house.insuranceAccount, amountUsd: INSURANCE_USD }));
  await chain.mine(chain.now + 1n);
}

/** Pays into many accounts. */
export async function payIn(query: {
  chain: LocalChain;
  house: House;
  deposits: readonly Deposit[];
}): Promise<void> {
  const { chain, house, deposits } = query;
  const treasurer = chain.account(ROLES.treasurer);
  const send = (call: Call) => chain.send(treasurer, call);
  const amountUsd = deposits.reduce((sum, deposit) => sum + deposit.amountUsd, 0n);
  await send(house.token.transaction("mint", [treasurer, toNative(house, amountUsd)]));
  for (let from = 0; from < deposits.length; from += DEPOSITS_PER_CALL) {
    const page = deposits.slice(from, from + DEPOSITS_PER_CALL);
    const calls = page.map((deposit) => depositCall(house, deposit).data);
    const gas = DEPOSIT_GAS * BigInt(page.length) + DEPOSIT_GAS;
    await send({ ...house.house.transaction("multicall", [calls]), gas });
  }
  await chain.mine(chain.now + 1n);
}

/** Mints settlement tokens to somebody, in the next block. */
export async function mintTo(query: {
  chain: LocalChain;
  house: House;
  holder: string;
  amountNative: bigint;
}): Promise<void> {
  const { chain, house, holder, amountNative } = query;
  const call = house.token.transaction("mint", [holder, amountNative]);
  await chain.send(chain.account(ROLES.treasurer), call);
}

function depositCall(house: House, { account, amountUsd }: Deposit) {
  return house.house.transaction("deposit", [account, toNative(house, amountUsd)]);
}

/** {qTok} */
export function toNative({ manifest }: House, amountUsd: bigint): bigint {
  return nativeFromD18(amountUsd, manifest.token.decimals);
}
