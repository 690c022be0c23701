import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JsonRpcProvider, type JsonRpcSigner, MaxUint256 } from "ethers";
import { network } from "hardhat";
import { deployBreakwater } from "../../../deploy/deployBreakwater.ts";
import { readParameters } from "../../../deploy/readParameters.ts";
import { clearingHouseAbi } from "../../../sdk/src/abis/ClearingHouse.ts";
import { delayedOrdersAbi } from "../../../sdk/src/abis/DelayedOrders.ts";
import { liquidityPoolAbi } from "../../../sdk/src/abis/LiquidityPool.ts";
import { replayFeedAbi } from "../../../sdk/src/abis/ReplayFeed.ts";
import { testTokenAbi } from "../../../sdk/src/abis/TestToken.ts";
import { type AccountId, accountIdOf } from "../../../sdk/src/accountId.ts";
import { parseD18, parseDecimal } from "../../../sdk/src/amounts.ts";
import type { Manifest } from "../../../sdk/src/manifest.ts";
import { writeManifest } from "../../../sdk/src/manifestFile.ts";
import type { Parameters } from "../../../sdk/src/parameters.ts";
import { typedContract } from "../../../sdk/src/typedContract.ts";

/** Key of the second of the accounts that every Hardhat chain starts with, published with it: nobody's money. */
export const KEEPER_KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";

/** Key of the tenth of them, likewise. */
export const OTHER_KEEPER_KEY =
  "0x2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6";

const DEPLOYER = 0;
/** Number of the wallet of `KEEPER_KEY`. */
export const KEEPER = 1;
/** Number of the first trader's wallet; the eighth's would be the other keeper's. */
export const FIRST_TRADER = 2;

export interface OrderRequest {
  readonly size: string;
  readonly market?: number;
  readonly limitPrice?: bigint;
}

/** A chain of its own behind HTTP, with the whole house on it, pools and insurance funded. */
export interface LocalHouse {
  readonly url: string;
  readonly provider: JsonRpcProvider;
  readonly manifest: Manifest;
  readonly manifestFile: string;
  readonly directory: string;
  /** Pays in for trader number `index` and lets the venue trade. */
  join(index: number, cashUsd: string): Promise<AccountId>;
  /** Pays in for an account of the keeper's wallet, number 1, and lets the venue trade. Before a keeper runs: they share a wallet. */
  joinAsKeeper(cashUsd: string): Promise<AccountId>;
  commit(index: number, order: OrderRequest): Promise<void>;
  /** Publishes a price in whole or decimal USD; returns its block. */
  publish(price: string, market?: number): Promise<number>;
  sizeOf(account: AccountId, market?: number): Promise<bigint>;
  /** D18{USD} What the account has, and its maintenance margin. */
  marginOf(account: AccountId): Promise<{ equityUsd: bigint; requiredUsd: bigint }>;
  /** {s} When the account's distress clock started; 0 when it does not run. */
  markedAt(account: AccountId): Promise<bigint>;
  /** Lets time pass; returns the block that ends it. */
  later(seconds: number): Promise<number>;
  /** The account that takes over the positions of the bankrupt. */
  inventoryAccount(market?: number): Promise<AccountId>;
  /** Waits until the node holds a transaction that is in no block. */
  untilPending(): Promise<void>;
  close(): Promise<void>;
}

/** Margins and openings as where buffers reach everything: these are stories of accounts with the highest leverage there is. */
function withoutCover(parameters: Parameters): Parameters {
  const none = { coverageTarget: 0n, concentrationMove: 0n, premiumRate: 0n };
  const markets = parameters.markets.map((market) => ({
    ...market,
    cover: { ...market.cover, ...none },
  }));
  return { ...parameters, markets };
}

export async function startLocalHouse(): Promise<LocalHouse> {
  const server = await network.createServer("default", "127.0.0.1", 0);
  const { port } = await server.listen();
  const url = `http://127.0.0.1:${port}`;
  const provider = new JsonRpcProvider(url, undefined, { cacheTimeout: -1, batchMaxCount: 1 });
  const directory = await mkdtemp(join(tmpdir(), "keeper-test-"));
  const deployer = await provider.getSigner(DEPLOYER);
  const manifest = await deployBreakwater({
    provider: { request: ({ method, params }) => provider.send(method, [...listOf(params)]) },
    parameters: withoutCover(await readParameters("local")),
    deployer: deployer.address,
  });
  const manifestFile = join(directory, "manifest.json");
  await writeManifest(manifestFile, manifest);

  const token = typedContract(testTokenAbi, manifest.contracts.token, provider);
  const house = typedContract(clearingHouseAbi, manifest.contracts.clearingHouse, provider);
  const orders = typedContract(delayedOrdersAbi, manifest.contracts.delayedOrders, provider);
  const native = (usd: string) => parseDecimal(usd, manifest.token.decimals);

  async function send(
    signer: JsonRpcSigner,
    transaction: { to: string; data: string },
  ): Promise<number> {
    const response = await signer.sendTransaction(transaction);
    const receipt = await response.wait();
    if (receipt === null) throw new Error("The transaction was not included");
    return receipt.blockNumber;
  }

  async function pay(signer: JsonRpcSigner, account: AccountId, usd: string): Promise<void> {
    await send(signer, token.transaction("mint", [signer.address, native(usd)]));
    await send(signer, token.transaction("approve", [house.address, MaxUint256]));
    await send(signer, house.transaction("deposit", [account, native(usd)]));
  }

  /** Pays in and lets the venue trade. */
  async function open(
    signer: JsonRpcSigner,
    account: AccountId,
    cashUsd: string,
  ): Promise<AccountId> {
    await pay(signer, account, cashUsd);
    await send(signer, house.transaction("setDelegate", [account, orders.address, 1n]));
    return account;
  }

  function feedOf(market: number) {
    const found = manifest.markets[market]?.feed;
    if (found === undefined || found.replay === null)
      throw new Error(`Market ${market} has no replayable feed`);
    return {
      decimals: found.decimals,
      contract: typedContract(replayFeedAbi, found.replay, provider),
    };
  }

  await pay(deployer, accountIdOf(manifest.contracts.insuranceFund), "100000");
  for (const market of manifest.markets) {
    const pool = typedContract(liquidityPoolAbi, market.pool, provider);
    await send(deployer, token.transaction("mint", [deployer.address, native("5000000")]));
    await send(deployer, token.transaction("approve", [pool.address, MaxUint256]));
    await send(deployer, pool.transaction("requestDeposit", [native("5000000"), 2n ** 128n - 1n]));
    await send(deployer, pool.transaction("processDeposit", [1n]));
  }

  return {
    url,
    provider,
    manifest,
    manifestFile,
    directory,
    async join(index, cashUsd) {
      const trader = await provider.getSigner(FIRST_TRADER + index);
      return open(trader, accountIdOf(trader.address), cashUsd);
    },
    async joinAsKeeper(cashUsd) {
      const wallet = await provider.getSigner(KEEPER);
      return open(wallet, accountIdOf(wallet.address, 1n), cashUsd);
    },
    async marginOf(account) {
      const margin = await house.call("marginOf", [account, 0n]);
      return { equityUsd: margin.equityUsd, requiredUsd: margin.requiredUsd };
    },
    async markedAt(account) {
      return (await house.call("distressOf", [account])).startedAt;
    },
    async later(seconds) {
      await provider.send("evm_increaseTime", [seconds]);
      await provider.send("evm_mine", []);
      return provider.getBlockNumber();
    },
    async commit(index, { size, market = 0, limitPrice }) {
      const trader = await provider.getSigner(FIRST_TRADER + index);
      const sizeDelta = parseD18(size);
      const latest = await provider.getBlock("latest");
      await send(
        trader,
        orders.transaction("commit", [
          {
            account: accountIdOf(trader.address),
            market: BigInt(market),
            sizeDelta,
            limitPrice: limitPrice ?? (sizeDelta > 0n ? 2n ** 100n : 0n),
            reduceOnly: false,
            trigger: 0n,
            triggerPrice: 0n,
            keeperFeeUsd: parseD18("1"),
            expiry: BigInt((latest?.timestamp ?? 0) + 86_400),
          },
        ]),
      );
    },
    async publish(price, market = 0) {
      const { decimals, contract } = feedOf(market);
      return send(deployer, contract.transaction("push", [parseDecimal(price, decimals)]));
    },
    async sizeOf(account, market = 0) {
      return (await house.call("positionOf", [account, BigInt(market)])).size;
    },
    inventoryAccount: (market = 0) => house.call("systemAccountOf", [BigInt(market), 0n]),
    async untilPending() {
      for (;;) {
        const pending = await provider.send("eth_getBlockByNumber", ["pending", false]);
        if (pending.transactions.length > 0) return;
      }
    },
    async close() {
      provider.destroy();
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function listOf(params: unknown): readonly unknown[] {
  return Array.isArray(params) ? params : [];
}
