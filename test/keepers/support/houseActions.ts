import { type JsonRpcSigner, MaxUint256 } from "ethers";
import { venueOf } from "../../../keepers/src/orders/orderFile.ts";
import { backstopPoolAbi } from "../../../sdk/src/abis/BackstopPool.ts";
import { clearingHouseAbi } from "../../../sdk/src/abis/ClearingHouse.ts";
import { collateralAuctionAbi } from "../../../sdk/src/abis/CollateralAuction.ts";
import { creditVaultAbi } from "../../../sdk/src/abis/CreditVault.ts";
import { replayFeedAbi } from "../../../sdk/src/abis/ReplayFeed.ts";
import { testTokenAbi } from "../../../sdk/src/abis/TestToken.ts";
import { accountIdOf } from "../../../sdk/src/accountId.ts";
import { parseD18, parseDecimal } from "../../../sdk/src/amounts.ts";
import { type SignedOrder, signOrder } from "../../../sdk/src/orders/signedOrder.ts";
import { typedContract } from "../../../sdk/src/typedContract.ts";
import { FIRST_TRADER, KEEPER, type LocalHouse } from "./localHouse.ts";

/** What others do to a local house, beside trading: they stake, lend, pledge and sign. */
export function actionsIn({ provider, manifest }: LocalHouse) {
  const { clearingHouse, creditVault, collateralAuction, backstopPool, signedOrders, token } =
    manifest.contracts;
  const cash = typedContract(testTokenAbi, token, provider);
  const house = typedContract(clearingHouseAbi, clearingHouse, provider);
  const vault = typedContract(creditVaultAbi, creditVault, provider);
  const auction = typedContract(collateralAuctionAbi, collateralAuction, provider);
  const backstop = typedContract(backstopPoolAbi, backstopPool, provider);
  const native = (usd: string) => parseDecimal(usd, manifest.token.decimals);
  const traderAt = (index: number) => provider.getSigner(FIRST_TRADER + index);

  async function send(signer: JsonRpcSigner, transaction: { to: string; data: string }) {
    const response = await signer.sendTransaction(transaction);
    const receipt = await response.wait();
    if (receipt === null) throw new Error("The transaction was not included");
    return receipt.blockNumber;
  }

  async function mint(signer: JsonRpcSigner, usd: string, spender: string) {
    await send(signer, cash.transaction("mint", [signer.address, native(usd)]));
    await send(signer, cash.transaction("approve", [spender, MaxUint256]));
  }

  function collateralOf(symbol: string) {
    const found = manifest.collateral.find((collateral) => collateral.symbol === symbol);
    if (found === undefined) throw new Error(`There is no collateral ${symbol}`);
    return found;
  }

  return {
    backstopAccount: accountIdOf(backstopPool),
    /** Pays into the backstop. */
    async stake(usd: string) {
      const staker = await provider.getSigner(0);
      await mint(staker, usd, backstopPool);
      await send(staker, backstop.transaction("deposit", [native(usd), staker.address]));
    },
    /** Pays in for lenders. */
    async lend(usd: string) {
      const lender = await provider.getSigner(0);
      await mint(lender, usd, creditVault);
      await send(lender, vault.transaction("deposit", [native(usd), lender.address]));
    },
    /** Deposits collateral for trader number `index`, and draws on it. */
    async borrow(index: number, symbol: string, amount: string, usd: string) {
      const { asset, decimals } = collateralOf(symbol);
      const trader = await traderAt(index);
      const account = accountIdOf(trader.address);
      const collateral = typedContract(testTokenAbi, asset, provider);
      const amountNative = parseDecimal(amount, decimals);
      await send(trader, collateral.transaction("mint", [trader.address, amountNative]));
      await send(trader, collateral.transaction("approve", [creditVault, MaxUint256]));
      await send(trader, vault.transaction("depositCollateral", [asset, amountNative, account]));
      await send(trader, house.transaction("drawCredit", [account, parseD18(usd)]));
      return account;
    },
    /** Takes cash out of trader number `index`'s account. */
    async withdraw(index: number, usd: string) {
      const trader = await traderAt(index);
      const account = accountIdOf(trader.address);
      await send(trader, house.transaction("withdraw", [account, native(usd), trader.address]));
    },
    /** Publishes a price of a collateral; returns its block. */
    async publishCollateral(symbol: string, price: string) {
      const { feed } = collateralOf(symbol);
      if (feed.replay === null) throw new Error(`${symbol} has no replayable feed`);
      const contract = typedContract(replayFeedAbi, feed.replay, provider);
      const deployer = await provider.getSigner(0);
      return send(deployer, contract.transaction("push", [parseDecimal(price, feed.decimals)]));
    },
    /** Gives the keeper's wallet tokens that the vault may take. */
    async fundKeeper(usd: string) {
      await mint(await provider.getSigner(KEEPER), usd, creditVault);
    },
    debtOf: (account: bigint) => vault.call("debtOf", [account]),
    writtenOffOf: (account: bigint) => vault.call("writtenOffOf", [account]),
    collateralLeft: (account: bigint, symbol: string) =>
      vault.call("collateralOf", [account, collateralOf(symbol).asset]),
    auctionStartedAt: async (account: bigint, symbol: string) =>
      (await auction.call("auctionOf", [account, collateralOf(symbol).asset])).startedAt,
    async keeperHolds(symbol: string) {
      const { address } = await provider.getSigner(KEEPER);
      return typedContract(testTokenAbi, collateralOf(symbol).asset, provider).call("balanceOf", [
        address,
      ]);
    },
    /** Lets the venue for signed orders trade for trader number `index`, and signs an order. */
    async sign(
      index: number,
      { size, price, market = 0 }: { size: string; price: string; market?: number },
    ): Promise<SignedOrder> {
      const trader = await traderAt(index);
      const account = accountIdOf(trader.address);
      await send(trader, house.transaction("setDelegate", [account, signedOrders, 1n]));
      return signOrder(
        venueOf(manifest),
        {
          account,
          market: BigInt(market),
          size: parseD18(size),
          limitPrice: parseD18(price),
          expiry: 2n ** 40n,
          nonce: BigInt(index),
          counterparty: 0n,
          signer: trader.address,
          reduceOnly: false,
          makerOnly: false,
        },
        trader,
      );
    },
  };
}
