import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { KeeperStatus } from "../../keepers/src/watch/status.ts";
import { type AccountId, describeAccount } from "../../sdk/src/accountId.ts";
import { parseD18 } from "../../sdk/src/amounts.ts";
import { formatOrderLine } from "../../sdk/src/orders/orderLines.ts";
import { startBlindProxy } from "./support/blindProxy.ts";
import { actionsIn } from "./support/houseActions.ts";
import { KeeperProcess, runCommand } from "./support/keeperProcess.ts";
import { OTHER_KEEPER_KEY, startLocalHouse } from "./support/localHouse.ts";

/** A house, what others do in it, and the keepers that run. */
async function startStory() {
  const house = await startLocalHouse();
  const keepers: KeeperProcess[] = [];
  return {
    house,
    others: actionsIn(house),
    keep(settings: Readonly<Record<string, string>> = {}) {
      const keeper = new KeeperProcess(house, settings);
      keepers.push(keeper);
      return keeper;
    },
    explain: (account: AccountId, settings: Readonly<Record<string, string>> = {}) =>
      runCommand(["explain", describeAccount(account)], {
        BREAKWATER_MANIFEST: house.manifestFile,
        BREAKWATER_RPC_URLS: house.url,
        ...settings,
      }).then(({ output }) => output),
    async end() {
      for (const keeper of keepers) await keeper.stop("SIGKILL");
      await house.close();
    },
  };
}

type Story = Awaited<ReturnType<typeof startStory>>;

/** A long of 300 that the pool, 8 000 units skewed, would close only at a loss of health. */
async function strand({ house }: Story, keeper: KeeperProcess): Promise<AccountId> {
  await house.join(1, "3000000");
  const victim = await house.join(0, "50000");
  await house.commit(1, { size: "-8000" });
  await keeper.idleAt(await house.publish("2000"));
  await house.commit(0, { size: "300" });
  await keeper.idleAt(await house.publish("2000"));
  return victim;
}

describe("a keeper process with signed orders", () => {
  let story: Story;
  before(async () => {
    story = await startStory();
  });
  after(() => story.end());

  it("matches a liquidation against the order that pays most, and reports lines it cannot read", async () => {
    const { house, others } = story;
    const file = join(house.directory, "orders.jsonl");
    writeFileSync(file, "no order\n");
    const keeper = story.keep({ BREAKWATER_SIGNED_ORDERS: file });
    const victim = await house.join(0, "50000");
    const maker = await house.join(2, "500000");
    await house.join(3, "500000");
    await house.commit(0, { size: "300" });
    await keeper.idleAt(await house.publish("2000"));
    await keeper.untilOutput('"line":1');
    // At 1 890 the pool pays 0.06 % more than the index for what takes its skew away.
    const lines = [
      await others.sign(3, { size: "200", price: "1893" }),
      await others.sign(2, { size: "200", price: "1895" }),
    ];
    writeFileSync(file, lines.map((line) => `${formatOrderLine(line)}\n`).join(""));
    const status = await keeper.idleAt(await house.publish("1890"));
    expect(status.routes.signedOrder.count).to.be.greaterThan(0);
    expect(Number(status.routes.signedOrder.notionalUsd)).to.be.greaterThan(0);
    const taken = await house.sizeOf(maker);
    expect(taken > 0n, `${taken} was taken`).to.equal(true);
    expect((await house.sizeOf(victim)) + taken <= parseD18("300")).to.equal(true);
    expect(status.txFailed).to.equal(0);
  });
});

describe("a keeper process that calls the backstop", () => {
  let story: Story;
  let keeper: KeeperProcess;
  let victim: AccountId;
  before(async () => {
    story = await startStory();
    await story.others.stake("2000000");
    keeper = story.keep();
  });
  after(() => story.end());

  it("marks what no slice helps, without an account for take-overs", async () => {
    const { house } = story;
    victim = await strand(story, keeper);
    const status = await keeper.idleAt(await house.publish("1826"));
    expect(status.marks).to.equal(1);
    expect(await house.markedAt(victim)).to.not.equal(0n);
    expect(await story.explain(victim)).to.contain("Backstop");
  });

  it("lets it take over once its rule says so", async () => {
    const { house, others } = story;
    const status = await keeper.idleAt(await house.later(30));
    expect(status.routes.backstop.count).to.be.greaterThan(0);
    expect(await house.sizeOf(others.backstopAccount)).to.not.equal(0n);
    const { equityUsd, requiredUsd } = await house.marginOf(victim);
    expect(equityUsd >= requiredUsd, `${equityUsd} of ${requiredUsd}`).to.equal(true);
  });

  it("lets it unwind in slices when the pool pays enough", async () => {
    const { house, others } = story;
    const held = await house.sizeOf(others.backstopAccount);
    await house.commit(1, { size: "8000" });
    await keeper.idleAt(await house.publish("1826"));
    await keeper.idleAt(await house.later(61));
    await keeper.idleAt(await house.publish("1826"));
    const left = await house.sizeOf(others.backstopAccount);
    expect(left < held, `${left} of ${held}`).to.equal(true);
  });
});

describe("a keeper process that takes over whole accounts", () => {
  let story: Story;
  before(async () => {
    story = await startStory();
  });
  after(() => story.end());

  it("takes both positions of an account with less than a third of its margin together", async () => {
    const { house } = story;
    const own = await house.joinAsKeeper("500000");
    const keeper = story.keep({
      BREAKWATER_TAKE_OVER_ACCOUNT: describeAccount(own),
      BREAKWATER_TAKE_OVER_MAX_INVENTORY_USD: "5000000",
      BREAKWATER_TAKE_OVER_MIN_DISCOUNT_RATE: "0.0005",
      BREAKWATER_TAKE_OVER_UNLOAD_COST_RATE: "0.0001",
      BREAKWATER_BACKSTOP: "false",
    });
    await house.join(1, "5000000");
    const victim = await house.join(0, "50000");
    await house.commit(1, { size: "-8000" });
    await house.commit(1, { size: "-400", market: 1 });
    await house.publish("40000", 1);
    await keeper.idleAt(await house.publish("2000"));
    await house.commit(0, { size: "150" });
    await house.commit(0, { size: "7.5", market: 1 });
    await house.publish("40000", 1);
    await keeper.idleAt(await house.publish("2000"));
    expect(await house.sizeOf(victim, 1)).to.equal(parseD18("7.5"));
    await keeper.idleAt(await house.publish("1635"));
    expect(await story.explain(victim)).to.contain("all of it is for sale");
    const status: KeeperStatus = await keeper.idleAt(await house.later(90));
    expect(status.routes.takeOverWhole.count).to.equal(1);
    expect(await house.sizeOf(victim)).to.equal(0n);
    expect(await house.sizeOf(victim, 1)).to.equal(0n);
    expect(await house.sizeOf(own, 1)).to.equal(parseD18("7.5"));
  });
});

describe("a keeper process that looks after credit", () => {
  let story: Story;
  let keeper: KeeperProcess;
  let borrower: AccountId;
  before(async () => {
    story = await startStory();
    const { house, others } = story;
    await others.lend("1000000");
    await others.fundKeeper("100000");
    keeper = story.keep({
      BREAKWATER_COLLATERAL_BUDGET_USD: "100000",
      BREAKWATER_COLLATERAL_MIN_DISCOUNT_RATE: "0.04",
    });
    await house.join(0, "10");
    borrower = await others.borrow(0, "WBTC", "1", "30000");
    await others.withdraw(0, "30000");
    await keeper.idleAt(await house.provider.getBlockNumber());
  });
  after(() => story.end());

  it("starts the auction when the debt is above the line, and not before", async () => {
    const { others } = story;
    await keeper.idleAt(await others.publishCollateral("WBTC", "36000"));
    expect(await others.auctionStartedAt(borrower, "WBTC")).to.equal(0n);
    await keeper.idleAt(await others.publishCollateral("WBTC", "35000"));
    expect(await others.auctionStartedAt(borrower, "WBTC")).to.not.equal(0n);
    expect(await story.explain(borrower)).to.contain("Collateral");
  });

  it("buys what restores the line once the discount is worth it", async () => {
    const { house, others } = story;
    const status = await keeper.idleAt(await house.later(45));
    expect(status.routes.collateralAuction.count).to.be.greaterThan(0);
    expect((await others.keeperHolds("WBTC")) > 0n).to.equal(true);
    expect((await others.debtOf(borrower)) < parseD18("30000")).to.equal(true);
    expect((await others.collateralLeft(borrower, "WBTC")) > 0n).to.equal(true);
  });

  it("writes off what is left when nothing is left to sell", async () => {
    const { house, others } = story;
    await keeper.idleAt(await others.publishCollateral("WBTC", "18000"));
    await keeper.idleAt(await house.later(60));
    const status = await keeper.until(({ idle, inFlight }) => idle && inFlight === 0);
    expect(await others.collateralLeft(borrower, "WBTC")).to.equal(0n);
    expect((await others.writtenOffOf(borrower)) > 0n).to.equal(true);
    expect(status.txFailed).to.equal(0);
  });
});

describe("a keeper process that restores a pool", () => {
  let story: Story;
  before(async () => {
    story = await startStory();
  });
  after(() => story.end());

  it("marks a pool below its maintenance margin, and tears up the side opposite to it", async () => {
    const { house } = story;
    const keeper = story.keep();
    const { poolAccount } = house.manifest.markets[0] ?? expect.fail("There is no market");
    const trader = await house.join(0, "3000000");
    await house.commit(0, { size: "10000" });
    await keeper.idleAt(await house.publish("2000"));
    expect(await house.sizeOf(trader)).to.equal(parseD18("10000"));
    const marked = await keeper.idleAt(await house.publish("2450"));
    expect(marked.marks).to.equal(1);
    expect(marked.routes.tearUp.count).to.equal(0);
    expect(await house.markedAt(poolAccount)).to.not.equal(0n);
    const status = await keeper.idleAt(await house.later(20));
    expect(status.routes.tearUp.count).to.equal(1);
    const { equityUsd, requiredUsd } = await house.marginOf(poolAccount);
    expect(equityUsd > requiredUsd, `${equityUsd} of ${requiredUsd}`).to.equal(true);
    expect((await house.sizeOf(trader)) < parseD18("10000")).to.equal(true);
    expect(status.txFailed).to.equal(0);
  });
});

describe("a keeper process with inventory that the pool does not take", () => {
  let story: Story;
  before(async () => {
    story = await startStory();
  });
  after(() => story.end());

  it("tears it up last: when it is old enough, and nobody has taken it", async () => {
    const { house } = story;
    const keeper = story.keep();
    const victim = await strand(story, keeper);
    const resolved = await keeper.idleAt(await house.publish("1700"));
    expect(resolved.routes.resolution.count).to.equal(1);
    expect(await house.sizeOf(victim)).to.equal(0n);
    const inventory = await house.inventoryAccount();
    expect(await house.sizeOf(inventory)).to.equal(parseD18("300"));
    const early = await keeper.idleAt(await house.later(60));
    expect(early.routes.tearUp.count).to.equal(0);
    const status = await keeper.idleAt(await house.later(600));
    expect(status.routes.tearUp.count).to.equal(1);
    expect(status.routes.backstop.count).to.equal(0);
    expect(await house.sizeOf(inventory)).to.equal(0n);
    expect(status.txFailed).to.equal(0);
  });
});

describe("a keeper process with inventory, and a backstop that has money", () => {
  let story: Story;
  before(async () => {
    story = await startStory();
    await story.others.stake("2000000");
  });
  after(() => story.end());

  it("lets the backstop take it, so that nothing is torn up", async () => {
    const { house, others } = story;
    const keeper = story.keep();
    await strand(story, keeper);
    const status = await keeper.idleAt(await house.publish("1700"));
    expect(status.routes.resolution.count).to.equal(1);
    expect(status.routes.backstop.count).to.equal(1);
    expect(await house.sizeOf(await house.inventoryAccount())).to.equal(0n);
    expect(await house.sizeOf(others.backstopAccount)).to.equal(parseD18("300"));
  });
});

describe("keeper processes that leave things to others", () => {
  let story: Story;
  before(async () => {
    story = await startStory();
    await story.others.stake("2000000");
  });
  after(() => story.end());

  it("neither mark nor call the backstop when told not to, and do neither beyond their gas", async () => {
    const { house } = story;
    const careless = story.keep({ BREAKWATER_MARK: "false", BREAKWATER_BACKSTOP: "false" });
    const victim = await strand(story, careless);
    await careless.idleAt(await house.publish("1826"));
    const status = await careless.idleAt(await house.later(30));
    expect(status.marks).to.equal(0);
    expect(status.routes.backstop.count).to.equal(0);
    await careless.stop();

    const frugal = story.keep({ BREAKWATER_UNPAID_GAS_PER_HOUR: "50000" });
    const skipped = await frugal.idleAt(await house.later(1));
    expect(await house.markedAt(victim)).to.equal(0n);
    expect(skipped.recentSkips.join()).to.contain("unpaidGasPerHour, 50000, does not leave that");
    await frugal.stop();

    const willing = story.keep();
    await willing.idleAt(await house.later(1));
    expect(await house.markedAt(victim)).to.not.equal(0n);
  });
});

describe("keeper processes that mark many accounts", () => {
  let story: Story;
  before(async () => {
    story = await startStory();
  });
  after(() => story.end());

  it("need one transaction for all of a block", async () => {
    const { house } = story;
    const keeper = story.keep({ BREAKWATER_BACKSTOP: "false" });
    await house.join(1, "3000000");
    await house.commit(1, { size: "-8000" });
    await keeper.idleAt(await house.publish("2000"));
    const victims = [0, 2, 3, 4];
    const accounts: AccountId[] = [];
    for (const index of victims) {
      accounts.push(await house.join(index, "10000"));
      await house.commit(index, { size: "60" });
    }
    const { txSent } = await keeper.idleAt(await house.publish("2000"));
    const status = await keeper.idleAt(await house.publish("1826"));
    expect(status.marks).to.equal(victims.length);
    expect(status.txSent - txSent).to.equal(1);
    for (const account of accounts) expect(await house.markedAt(account)).to.not.equal(0n);
  });
});

describe("two keeper processes that race for one account in one block", () => {
  let story: Story;
  let proxy: Awaited<ReturnType<typeof startBlindProxy>>;
  before(async () => {
    story = await startStory();
    proxy = await startBlindProxy(story.house.url);
  });
  after(async () => {
    await story.end();
    proxy.close();
  });

  it("both survive, one has the effect, and the other says that someone else was first", async () => {
    const { house } = story;
    const first = story.keep();
    const second = story.keep({
      BREAKWATER_PRIVATE_KEY: OTHER_KEEPER_KEY,
      BREAKWATER_RPC_URLS: proxy.url,
      BREAKWATER_DATABASE: join(house.directory, "second.sqlite"),
    });
    const both = [first, second];
    const victim = await house.join(0, "50000");
    await house.commit(0, { size: "300" });
    const opened = await house.publish("2000");
    for (const keeper of both) await keeper.idleAt(opened);
    const before = await Promise.all(both.map((keeper) => keeper.status()));

    await house.provider.send("evm_setAutomine", [false]);
    const published = house.publish("1500");
    await house.untilPending();
    await house.provider.send("evm_mine", []);
    await published;
    for (const keeper of both) await keeper.until(({ inFlight }) => inFlight > 0);
    await house.provider.send("evm_mine", []);
    await house.provider.send("evm_setAutomine", [true]);
    const at = await house.provider.getBlockNumber();
    const after = await Promise.all(both.map((keeper) => keeper.idleAt(at)));

    expect(await house.sizeOf(victim)).to.equal(0n);
    expect(after.map(({ resolutions }) => resolutions).toSorted()).to.deep.equal([0, 1]);
    const outrun = after.map((status, i) => status.outrun - (before[i]?.outrun ?? 0));
    expect(outrun.toSorted()).to.deep.equal([0, 1]);
    const loser = both[outrun.indexOf(1)];
    expect(loser?.output).to.contain("Someone else was first");
  });
});
