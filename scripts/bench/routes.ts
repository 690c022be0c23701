import type { TransactionReceipt } from "ethers";
import type { Chain } from "./chain.ts";
import { FIRST_PRICES, feedConfig, type House, marketTerms, usd } from "./house.ts";
import { expectEvents, gasOf, viewGasOf } from "./receipts.ts";
import {
  bankrupt,
  distressed,
  INSURED_USD,
  MATURED_SECONDS,
  resolve,
  SHARED_USD,
} from "./scenes.ts";

const ETH = 0;
const AUCTION_SECONDS = 90;
/** Twice the pacing window, and a little. */
const PAUSE_SECONDS = 22;
const LOSS_GAP_SECONDS = 60;
const TEAR_UP_DELAY_SECONDS = 600;
const UNLIMITED = 2n ** 255n;

/* MARKS */

/** A keeper marks accounts that slices do not help; all in one market, each for the first time. */
export async function markList({ send }: Chain, tools: House, count: number) {
  const { house, newAccount, trade, push, wait, sizeOf, keeperSigner } = tools;
  const accounts: bigint[] = [];
  for (let i = 0; i < count; ++i) {
    const account = await newAccount(10_000);
    await trade(account, ETH, sizeOf(ETH, 160_000));
    accounts.push(account);
  }
  await wait(MATURED_SECONDS);
  await push(ETH, 1_925);
  const receipt = await send((o) => house.connect(keeperSigner).mark(accounts, o));
  expectEvents(house, receipt, "Marked", count);
  return gasOf(receipt);
}

/* TAKE-OVERS */

/** An account of the trader's that has been in the first market before. */
async function aTaker({ newAccount, trade, sizeOf }: House): Promise<bigint> {
  const taker = await newAccount(200_000);
  await trade(taker, ETH, sizeOf(ETH, 5_000));
  return taker;
}

/** Marks an account and lets its auctions end; the first market has a new round then. */
async function auction(chain: Chain, { house, push, prices }: House, account: bigint) {
  await chain.send((o) => house.mark([account], o));
  chain.skip(AUCTION_SECONDS);
  await push(ETH, prices[ETH] ?? 0);
}

const request = (chain: Chain, account: bigint, taker: bigint) => ({
  account,
  market: ETH,
  taker,
  maxSize: UNLIMITED,
  limitPrice: UNLIMITED,
  deadline: chain.now() + 3_600,
  expectedVersion: 0,
  data: "0x",
});

export async function takeOverPart(chain: Chain, tools: House) {
  const { house, trader } = tools;
  const taker = await aTaker(tools);
  const account = await distressed(tools, 1, "observed");
  await auction(chain, tools, account);
  const asked = request(chain, account, taker);
  const receipt = await chain.send((o) => house.connect(trader).takeOver(asked, o));
  expectEvents(house, receipt, "TakenOver", 1);
  const { size } = await house.positionOf(account, ETH);
  if (size <= 0n) throw new Error("all of it was taken over");
  return gasOf(receipt);
}

export async function takeOverWhole(chain: Chain, tools: House) {
  const { house, trader, push } = tools;
  const taker = await aTaker(tools);
  const account = await distressed(tools, 3, "observed");
  await push(ETH, 1_890);
  await auction(chain, tools, account);
  const { deadline } = request(chain, account, taker);
  const asked = { account, taker, minDiscountUsd: 0, deadline, expectedVersion: 0, data: "0x" };
  const receipt = await chain.send((o) => house.connect(trader).takeOverWhole(asked, o));
  expectEvents(house, receipt, "TakenOver", 3);
  return gasOf(receipt);
}

/** The whole inventory of a default, which closes with its profit or loss. */
export async function takeOverInventory(chain: Chain, tools: House) {
  const { house, trader, push, prices } = tools;
  const taker = await aTaker(tools);
  await resolve(chain, tools, await bankrupt(tools, SHARED_USD), 1);
  chain.skip(AUCTION_SECONDS);
  await push(ETH, prices[ETH] ?? 0);
  const asked = request(chain, await house.systemAccountOf(ETH, 0), taker);
  const receipt = await chain.send((o) => house.connect(trader).takeOver(asked, o));
  expectEvents(house, receipt, "TakenOver", 1);
  return gasOf(receipt);
}

/* THE BACKSTOP */

async function connectBackstop({ send }: Chain, { house, token, backstop, ...tools }: House) {
  const [operator] = tools.signers;
  await tools.connect("backstop", backstop);
  await send((o) => house.setVenue(backstop, true, o));
  await send((o) => backstop.setMaxLeverage(usd(3), o));
  const terms = {
    capUsd: usd(2_000_000),
    epochCapUsd: usd(4_000_000),
    maxConcession: usd(0.01),
    unwindShare: usd(0.001),
    unwindTolerance: usd(0.01),
    unwindIntervalSeconds: 60,
  };
  await send((o) => backstop.setBackstopTerms(ETH, terms, o));
  await send((o) => token.approve(backstop, UNLIMITED, o));
  await send((o) => backstop.deposit(1_000_000_000_000n, operator.address, o));
}

/** The backstop is left with a position of `distressed`, which it has taken at the end of its wait. */
async function take(chain: Chain, tools: House): Promise<TransactionReceipt> {
  const { house, backstop, push, keeperSigner } = tools;
  await connectBackstop(chain, tools);
  const account = await distressed(tools, 1, "observed");
  await push(ETH, 1_908);
  await chain.send((o) => house.mark([account], o));
  chain.skip(PAUSE_SECONDS);
  await push(ETH, 1_908);
  const receipt = await chain.send((o) => backstop.connect(keeperSigner).take(account, ETH, o));
  expectEvents(house, receipt, "TakenOver", 1);
  return receipt;
}

export async function backstopTake(chain: Chain, tools: House) {
  return gasOf(await take(chain, tools));
}

export async function backstopUnwind(chain: Chain, tools: House) {
  const { house, backstop, push, prices, keeperSigner } = tools;
  await take(chain, tools);
  chain.skip(60);
  await push(ETH, prices[ETH] ?? 0);
  const receipt = await chain.send((o) => backstop.connect(keeperSigner).unwind(ETH, o));
  expectEvents(house, receipt, "Traded", 1);
  return gasOf(receipt);
}

/* COLLATERAL */

const COLLATERAL_MARKET = 40;

/** 10 ETH are pledged and lent against to the edge; their price falls, and a stranger buys what restores the line. */
export async function collateralTake({ send, skip }: Chain, tools: House) {
  const { house, token, oracle, vault, auction: seller, collateral, collateralFeed } = tools;
  const { connect, newAccount, trader, stranger, collateralProxy, signers } = tools;
  const [operator] = signers;
  await connect("credit", vault);
  await send((o) => vault.setAuction(seller, o));
  const rates = {
    baseRate: usd(0.02),
    kinkRate: usd(0.1),
    maxRate: usd(1),
    kinkUtilization: usd(0.8),
  };
  await send((o) => vault.setRateTerms(rates, o));
  await send((o) => collateralFeed.push(2_000n * 10n ** 8n, o));
  const proxy = await collateralProxy.getAddress();
  await send((o) => oracle.setFeed(COLLATERAL_MARKET, feedConfig(proxy), o));
  const terms = {
    priceMarket: COLLATERAL_MARKET,
    cap: usd(100_000),
    topShare: usd(0.85),
    minShare: usd(0.5),
    sizeSlope: usd(0.5),
    depth: usd(1_000),
    maxDiscount: usd(0.1),
    auctionSeconds: AUCTION_SECONDS,
  };
  await send((o) => vault.setCollateralTerms(collateral, terms, o));
  await send((o) => token.approve(vault, UNLIMITED, o));
  await send((o) => vault.deposit(1_000_000_000_000n, operator.address, o));
  const account = await newAccount(100);
  await send((o) => collateral.mint(trader.address, usd(10), o));
  await send((o) => collateral.connect(trader).approve(vault, UNLIMITED, o));
  await send((o) => vault.connect(trader).depositCollateral(collateral, usd(10), account, o));
  await send((o) => house.connect(trader).drawCredit(account, usd(16_000), o));
  await send((o) => house.connect(trader).withdraw(account, 16_000_000_000n, trader.address, o));
  await send((o) => token.mint(stranger.address, 10n ** 12n, o));
  await send((o) => token.connect(stranger).approve(vault, UNLIMITED, o));
  await send((o) => collateral.mint(stranger.address, 1n, o));
  await send((o) => collateralFeed.push(1_850n * 10n ** 8n, o));
  await send((o) => seller.start(account, collateral, o));
  skip(AUCTION_SECONDS / 2);
  await send((o) => collateralFeed.push(1_850n * 10n ** 8n, o));
  const asked = {
    account,
    asset: collateral,
    maxAmountNative: UNLIMITED,
    limitPrice: UNLIMITED,
    deadline: UNLIMITED,
    to: stranger.address,
  };
  const before = await collateral.balanceOf(stranger);
  const receipt = await send((o) => seller.connect(stranger).take(asked, o));
  if ((await collateral.balanceOf(stranger)) <= before) throw new Error("nothing was sold");
  return gasOf(receipt);
}

/* INVENTORY AND EVENTS */

export async function unwind(chain: Chain, tools: House) {
  const { house, push, prices, keeperSigner } = tools;
  await resolve(chain, tools, await bankrupt(tools, SHARED_USD), 1);
  await push(ETH, prices[ETH] ?? 0);
  const receipt = await chain.send((o) => house.connect(keeperSigner).unwind(ETH, o));
  expectEvents(house, receipt, "Unwound", 1);
  return gasOf(receipt);
}

/** A short defaults, which the pool cannot take because it would have to hold more than it may. */
export async function tearUp(chain: Chain, tools: House) {
  const { house, newAccount, trade, push, wait, sizeOf, prices, keeperSigner } = tools;
  const account = await newAccount(5 + SHARED_USD * 0.06);
  await trade(account, ETH, -sizeOf(ETH, SHARED_USD));
  await wait(MATURED_SECONDS);
  await push(ETH, 2_140);
  await resolve(chain, tools, account, 1);
  const terms = { ...marketTerms(tools.pools[ETH] ?? 0n, FIRST_PRICES[ETH] ?? 0), exposureCap: 1n };
  await chain.send((o) => house.setMarketTerms(ETH, terms, o));
  chain.skip(TEAR_UP_DELAY_SECONDS);
  await push(ETH, prices[ETH] ?? 0);
  const receipt = await chain.send((o) => house.connect(keeperSigner).tearUp(ETH, o));
  expectEvents(house, receipt, "TornUp", 1);
  return gasOf(receipt);
}

/** A pool of 90 000 USD is short 450 ETH when their price rises by 150 USD. */
export async function tearUpPool(chain: Chain, tools: House) {
  const { house, newAccount, trade, push, wait, sizeOf, pools, keeperSigner } = tools;
  const pool = pools[ETH];
  if (pool === undefined) throw new RangeError("the market has no pool");
  await trade(await newAccount(400_000), ETH, sizeOf(ETH, 800_000));
  const { provider } = chain.ethers;
  const owner = `0x${(pool >> 96n).toString(16).padStart(40, "0")}`;
  await provider.send("hardhat_impersonateAccount", [owner]);
  await provider.send("hardhat_setBalance", [owner, "0xde0b6b3a7640000"]);
  const provided = house.connect(await chain.ethers.getSigner(owner));
  const { cashUsd } = await house.accountOf(pool);
  const spare = cashUsd / 10n ** 12n - 90_000_000_000n;
  await chain.send((o) => provided.withdraw(pool, spare, owner, o));
  await wait(MATURED_SECONDS);
  await push(ETH, 2_150);
  await chain.send((o) => house.mark([pool], o));
  chain.skip(PAUSE_SECONDS);
  await push(ETH, 2_150);
  const receipt = await chain.send((o) => house.connect(keeperSigner).tearUpPool(ETH, o));
  expectEvents(house, receipt, "PoolTornUp", 1);
  return gasOf(receipt);
}

/** The second of two defaults within a minute has to wait. */
export async function bookLoss(chain: Chain, tools: House) {
  const { house, newAccount, trade, push, prices, sizeOf, keeperSigner } = tools;
  const second = await newAccount(5 + SHARED_USD * 0.06);
  await trade(second, ETH, sizeOf(ETH, SHARED_USD));
  await resolve(chain, tools, await bankrupt(tools, SHARED_USD), 1);
  await resolve(chain, tools, second, 0);
  chain.skip(LOSS_GAP_SECONDS);
  await push(ETH, prices[ETH] ?? 0);
  const receipt = await chain.send((o) => house.connect(keeperSigner).bookLoss(ETH, o));
  expectEvents(house, receipt, "LossBooked", 1);
  return gasOf(receipt);
}

/** Loss events that waited for an account when it is touched. */
const WAITING_EVENTS = 11;

/** Eleven defaults, each shared by an event of its own; a winner is touched for so many of them. */
export async function touchEvents(chain: Chain, tools: House, events: number) {
  const { house, newAccount, trade, push, wait, prices, sizeOf, stranger } = tools;
  const winner = await newAccount(50_000);
  await trade(winner, ETH, -sizeOf(ETH, 200_000));
  const losers: bigint[] = [];
  for (let i = 0; i < WAITING_EVENTS; ++i) {
    const loser = await newAccount(5 + INSURED_USD * 8 * 0.06);
    await trade(loser, ETH, sizeOf(ETH, INSURED_USD * 8));
    losers.push(loser);
  }
  await wait(MATURED_SECONDS);
  await push(ETH, 1_840);
  for (const loser of losers) {
    await push(ETH, prices[ETH] ?? 0);
    await chain.send((o) => house.touch(loser, ETH, 16, o));
    await resolve(chain, tools, loser, 1);
    chain.skip(LOSS_GAP_SECONDS);
  }
  await push(ETH, prices[ETH] ?? 0);
  const receipt = await chain.send((o) => house.connect(stranger).touch(winner, ETH, events, o));
  expectEvents(house, receipt, "EventsApplied", 1);
  return gasOf(receipt);
}

/* THE END OF A MARKET */

/** A market with positions and inventory ends at the index after its notice. */
export async function windDown(chain: Chain, tools: House) {
  const { house, push, keeperSigner } = tools;
  await resolve(chain, tools, await bankrupt(tools, SHARED_USD), 1);
  await chain.send((o) => house.announceWindDown(ETH, usd(tools.prices[ETH] ?? 0), o));
  chain.skip(2 * 86_400);
  await push(ETH, tools.prices[ETH] ?? 0);
  const receipt = await chain.send((o) => house.connect(keeperSigner).windDown(ETH, o));
  expectEvents(house, receipt, "WoundDown", 1);
  return gasOf(receipt);
}

/** The books of a market in which a loss was shared and inventory waits. */
export async function reconcileMarket(chain: Chain, tools: House) {
  await resolve(chain, tools, await bankrupt(tools, SHARED_USD), 1);
  return viewGas(chain, tools, await tools.house.reconciliationOf.populateTransaction(ETH));
}

export async function reconcileHouse(chain: Chain, tools: House) {
  return viewGas(chain, tools, await tools.house.reconciliation.populateTransaction());
}

async function viewGas(chain: Chain, { keeperSigner }: House, call: { data: string }) {
  const receipt = await chain.send((o) => keeperSigner.sendTransaction({ ...call, ...o }));
  return viewGasOf(receipt, call.data);
}
