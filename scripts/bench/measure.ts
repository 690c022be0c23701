import type { TransactionReceipt } from "ethers";
import { type Chain, openChain } from "./chain.ts";
import { type House, MARKETS, openHouse } from "./house.ts";
import type { GasFigures } from "./operations.ts";
import { expectEvents, gasOf, lastOf, viewGasOf } from "./receipts.ts";
import {
  backstopTake,
  backstopUnwind,
  bookLoss,
  collateralTake,
  markList,
  reconcileHouse,
  reconcileMarket,
  takeOverInventory,
  takeOverPart,
  takeOverWhole,
  tearUp,
  tearUpPool,
  touchEvents,
  unwind,
  windDown,
} from "./routes.ts";
import {
  bankrupt,
  change,
  distressed,
  INSURED_USD,
  MATURED_SECONDS,
  POSITION_USD,
  type Rounds,
  resolve,
  SHARED_USD,
} from "./scenes.ts";

const ETH = 0;
const BATCH = 10;

/** Every figure, each measured on the same untouched house. */
export async function measureAll(): Promise<GasFigures> {
  const chain = await openChain();
  try {
    const house = await openHouse(chain);
    return await measureHouse(chain, house);
  } finally {
    await chain.close();
  }
}

async function measureHouse(chain: Chain, house: House): Promise<GasFigures> {
  const of = (work: (chain: Chain, house: House) => Promise<number>) =>
    chain.undone(() => work(chain, house));
  const liquidation = (positions: number, rounds: Rounds) =>
    of((c, h) => partialLiquidation(c, h, positions, rounds));
  const batch = (size: number) => of((c, h) => liquidateBatch(c, h, size));
  const settle = (size: number) => of((c, h) => settleLosers(c, h, size));
  const view = (positions: number) => of((c, h) => healthView(c, h, positions));

  const [one, ten] = [await liquidation(1, "observed"), await liquidation(MARKETS, "observed")];
  const [batch1, batch10] = [await batch(1), await batch(BATCH)];
  const [mark1, mark10] = [await of(marking(1)), await of(marking(BATCH))];
  const [event1, event11] = [await of(touching(1)), await of(touching(1 + BATCH))];
  const [settle1, settle10] = [await settle(1), await settle(BATCH)];
  return {
    depositFirst: await of(depositFirst),
    depositRepeat: await of(depositRepeat),
    withdraw: await of(withdraw),
    commitOrder: await of(commitOrder),
    open: await of(open),
    increase: await of((c, h) => change(c, h, 5_000)),
    reduce: await of((c, h) => change(c, h, -5_000)),
    close: await of((c, h) => change(c, h, -POSITION_USD)),
    matchOpen: await of((c, h) => fillSigned(c, h, false)),
    matchRepeat: await of((c, h) => fillSigned(c, h, true)),
    matchPair: await of(fillSignedPair),
    liquidateAgainst: await of(liquidateAgainst),
    partialLiquidation1: one,
    partialLiquidation5: await liquidation(5, "observed"),
    partialLiquidation10: ten,
    furtherPosition: Math.round((ten - one) / (MARKETS - 1)),
    partialLiquidation10AllNew: await liquidation(MARKETS, "new"),
    partialLiquidation10SameBlock: await liquidation(MARKETS, "sameBlock"),
    fullLiquidation: await of(fullLiquidation),
    bankruptInsured: await of(bankruptInsured),
    bankruptSocialized: await of(bankruptSocialized),
    bankruptFirst: await of(bankruptFirst),
    batch10,
    batchMarginal: Math.round((batch10 - batch1) / (BATCH - 1)),
    markFirst: mark1,
    markMarginal: Math.round((mark10 - mark1) / (BATCH - 1)),
    takeOverPart: await of(takeOverPart),
    takeOverWhole: await of(takeOverWhole),
    takeOverInventory: await of(takeOverInventory),
    backstopTake: await of(backstopTake),
    backstopUnwind: await of(backstopUnwind),
    collateralTake: await of(collateralTake),
    unwind: await of(unwind),
    tearUp: await of(tearUp),
    tearUpPool: await of(tearUpPool),
    bookLoss: await of(bookLoss),
    windDown: await of(windDown),
    applyEvent: event1,
    applyFurtherEvent: Math.round((event11 - event1) / BATCH),
    settleBatch10: settle10,
    settleMarginal: Math.round((settle10 - settle1) / (BATCH - 1)),
    reconcileMarket: await of(reconcileMarket),
    reconcileHouse: await of(reconcileHouse),
    healthView1: await view(1),
    healthView5: await view(5),
    healthView10: await view(MARKETS),
  };
}

const marking = (count: number) => (chain: Chain, house: House) => markList(chain, house, count);
const touching = (events: number) => (chain: Chain, house: House) =>
  touchEvents(chain, house, events);

/* CASH */

async function depositFirst({ send }: Chain, { house, accountOf, trader }: House) {
  const account = accountOf(trader.address, 1_000);
  return gasOf(await send((o) => house.deposit(account, 1_000_000_000n, o)));
}

async function depositRepeat({ send }: Chain, { house, newAccount }: House) {
  const account = await newAccount(1_000);
  return gasOf(await send((o) => house.deposit(account, 1_000_000_000n, o)));
}

async function withdraw({ send }: Chain, { house, newAccount, trader, token }: House) {
  const account = await newAccount(1_000);
  await send((o) => token.mint(trader.address, 1n, o));
  const asTrader = house.connect(trader);
  return gasOf(await send((o) => asTrader.withdraw(account, 500_000_000n, trader.address, o)));
}

/* ORDERS */

async function commitOrder(_: Chain, { newAccount, commit, sizeOf }: House) {
  const account = await newAccount(5_000);
  await commit(account, ETH, sizeOf(ETH, POSITION_USD));
  return (await commit(account, ETH, sizeOf(ETH, POSITION_USD))).gas;
}

async function open(_: Chain, { newAccount, commit, execute, sizeOf }: House) {
  const account = await newAccount(5_000);
  const { orderId } = await commit(account, ETH, sizeOf(ETH, POSITION_USD));
  return execute(ETH, orderId);
}

/* SIGNED ORDERS */

/** A trader takes the whole of another's signed order; both have, or have not, a position that stands the same way. */
async function fillSigned({ send }: Chain, tools: House, repeated: boolean) {
  const { house, signedOrders, newAccount, sign, trader, wait, push, sizeOf } = tools;
  const [maker, taker] = [await newAccount(5_000), await newAccount(5_000)];
  const asTrader = signedOrders.connect(trader);
  const size = sizeOf(ETH, POSITION_USD);
  if (repeated) {
    const first = await sign(maker, ETH, size);
    await send((o) => asTrader.fill(first, taker, size, o));
    await wait(MATURED_SECONDS);
  }
  await push(ETH, 2_000);
  const order = await sign(maker, ETH, size);
  const receipt = await send((o) => asTrader.fill(order, taker, size, o));
  expectEvents(house, receipt, "Matched", 2);
  return gasOf(receipt);
}

/** A stranger brings two signed orders that cross; both open. */
async function fillSignedPair({ send }: Chain, tools: House) {
  const { house, signedOrders, newAccount, sign, stranger, push, sizeOf } = tools;
  const size = sizeOf(ETH, POSITION_USD);
  await push(ETH, 2_000);
  const maker = await sign(await newAccount(5_000), ETH, size);
  const taker = await sign(await newAccount(5_000), ETH, -size);
  const asStranger = signedOrders.connect(stranger);
  const receipt = await send((o) => asStranger.fillPair(maker, taker, size, o));
  expectEvents(house, receipt, "Matched", 2);
  return gasOf(receipt);
}

/** As the partial liquidation of one position, but against an order of another account that opens with it. */
async function liquidateAgainst({ send }: Chain, tools: House) {
  const { signedOrders, newAccount, sign, keeper, keeperSigner, trade, sizeOf } = tools;
  const maker = await newAccount(20_000);
  const account = await distressed(tools, 1, "observed");
  // The pool pays less than the index: traders are long.
  await trade(tools.bear, ETH, -sizeOf(ETH, 300_000));
  const order = await sign(maker, ETH, sizeOf(ETH, 160_000));
  const asKeeper = signedOrders.connect(keeperSigner);
  const receipt = await send((o) => asKeeper.liquidate(account, order, keeper, o));
  expectLiquidated(tools, receipt, 1);
  return gasOf(receipt);
}

/* LIQUIDATIONS */

async function partialLiquidation(chain: Chain, tools: House, positions: number, rounds: Rounds) {
  const { house, oracle, keeper, keeperSigner } = tools;
  const account = await distressed(tools, positions, rounds);
  const liquidate = house.connect(keeperSigner).liquidate;
  const receipt =
    rounds === "sameBlock"
      ? await lastOf(
          chain.sendInOneBlock([
            (o) => oracle.poke(2n ** BigInt(positions) - 1n, o),
            (o) => liquidate(account, ETH, keeper, o),
          ]),
        )
      : await chain.send((o) => liquidate(account, ETH, keeper, o));
  expectLiquidated(tools, receipt, 1);
  const { size } = await house.positionOf(account, ETH);
  if (size <= 0n) throw new Error("the liquidation was not partial");
  return gasOf(receipt);
}

async function fullLiquidation({ send }: Chain, tools: House) {
  const { house, newAccount, trade, push, wait, sizeOf, keeper, keeperSigner } = tools;
  const account = await newAccount(255);
  await trade(account, ETH, sizeOf(ETH, 4_000));
  await wait(MATURED_SECONDS);
  await push(ETH, 1_925);
  const asKeeper = house.connect(keeperSigner);
  const receipt = await send((o) => asKeeper.liquidate(account, ETH, keeper, o));
  expectLiquidated(tools, receipt, 1);
  const { size } = await house.positionOf(account, ETH);
  if (size !== 0n) throw new Error("the liquidation was not full");
  return gasOf(receipt);
}

async function liquidateBatch({ send }: Chain, tools: House, count: number) {
  const { house, newAccount, trade, push, wait, sizeOf, keeper, keeperSigner } = tools;
  const items: { account: bigint; market: number }[] = [];
  for (let i = 0; i < count; ++i) {
    const account = await newAccount(10_000);
    await trade(account, ETH, sizeOf(ETH, 160_000));
    items.push({ account, market: ETH });
  }
  await wait(MATURED_SECONDS);
  await push(ETH, 1_925);
  const asKeeper = house.connect(keeperSigner);
  const receipt = await send((o) => asKeeper.liquidateBatch(items, keeper, o));
  expectLiquidated(tools, receipt, count);
  return gasOf(receipt);
}

function expectLiquidated({ house }: House, receipt: TransactionReceipt, count: number) {
  expectEvents(house, receipt, "Liquidated", count);
}

/* DEFAULTS */

/** Leaves the first market as a default leaves it: its loss booked and collected, the inventory sold. */
async function afterADefault(chain: Chain, house: House) {
  await resolve(chain, house, await bankrupt(house, SHARED_USD), 1);
  await chain.send((o) => house.house.unwind(ETH, o));
  for (const account of [house.bull, house.bear]) {
    await chain.send((o) => house.house.touch(account, ETH, 16, o));
  }
  await house.push(ETH, 2_000);
  await house.wait(MATURED_SECONDS);
}

async function bankruptFirst(chain: Chain, house: House) {
  return resolve(chain, house, await bankrupt(house, INSURED_USD), 0);
}

async function bankruptInsured(chain: Chain, house: House) {
  await afterADefault(chain, house);
  return resolve(chain, house, await bankrupt(house, INSURED_USD), 0);
}

async function bankruptSocialized(chain: Chain, house: House) {
  await afterADefault(chain, house);
  return resolve(chain, house, await bankrupt(house, SHARED_USD), 1);
}

/* SETTLING AND VIEWS */

/** A stranger settles losing accounts whose loss has stood. */
async function settleLosers({ send }: Chain, tools: House, count: number) {
  const { house, newAccount, trade, push, wait, sizeOf, stranger } = tools;
  const accounts: bigint[] = [];
  for (let i = 0; i < count; ++i) {
    const account = await newAccount(5_000);
    await trade(account, ETH, sizeOf(ETH, POSITION_USD));
    accounts.push(account);
  }
  await push(ETH, 1_950);
  await wait(MATURED_SECONDS);
  await push(ETH, 1_950);
  const receipt = await send((o) => house.connect(stranger).settle(accounts, o));
  expectEvents(house, receipt, "Settled", count);
  return gasOf(receipt);
}

async function healthView(chain: Chain, tools: House, positions: number) {
  const { house, keeperSigner } = tools;
  const account = await distressed(tools, positions, "observed");
  const call = await house.marginOf.populateTransaction(account, 0n);
  const receipt = await chain.send((o) => keeperSigner.sendTransaction({ ...call, ...o }));
  return viewGasOf(receipt, call.data);
}
