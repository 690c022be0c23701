import { expect } from "chai";
import { type AccountId, describeAccount } from "../../sdk/src/accountId.ts";
import { parseD18 } from "../../sdk/src/amounts.ts";
import { KeeperProcess, runCommand } from "./support/keeperProcess.ts";
import { type LocalHouse, startLocalHouse } from "./support/localHouse.ts";

const AUCTION_SECONDS = 90;

describe("a keeper process that takes over", () => {
  let house: LocalHouse;
  let keeper: KeeperProcess;
  let victim: AccountId;
  let own: AccountId;
  let settings: Readonly<Record<string, string>>;

  before(async () => {
    house = await startLocalHouse();
    own = await house.joinAsKeeper("200000");
    settings = {
      BREAKWATER_TAKE_OVER_ACCOUNT: describeAccount(own),
      BREAKWATER_TAKE_OVER_MAX_INVENTORY_USD: "1000000",
      BREAKWATER_TAKE_OVER_MIN_DISCOUNT_RATE: "0.005",
      BREAKWATER_TAKE_OVER_UNLOAD_COST_RATE: "0.001",
    };
    keeper = new KeeperProcess(house, settings);
    await house.join(1, "3000000");
    victim = await house.join(0, "50000");
  });

  after(async () => {
    await keeper.stop();
    await house.close();
  });

  const command = (name: string, ...args: string[]) =>
    runCommand([name, ...args], {
      BREAKWATER_MANIFEST: house.manifestFile,
      BREAKWATER_RPC_URLS: house.url,
      ...settings,
    });

  it("marks an account whose slices would cost more than it can afford, because the pool is skewed", async () => {
    await house.commit(1, { size: "-8000" });
    await keeper.idleAt(await house.publish("2000"));
    await house.commit(0, { size: "300" });
    await keeper.idleAt(await house.publish("2000"));
    expect(await house.sizeOf(victim)).to.equal(parseD18("300"));

    const status = await keeper.idleAt(await house.publish("1826"));
    expect(status.liquidations).to.equal(0);
    expect(status.marks).to.equal(1);
    expect(await house.markedAt(victim)).to.not.equal(0n);
  });

  it("does not mark it again, and waits until the discount is worth it", async () => {
    const status = await keeper.idleAt(await house.later(AUCTION_SECONDS / 3));
    expect(status.marks).to.equal(1);
    expect(status.takeOvers).to.equal(0);
    const { output } = await command("explain", describeAccount(victim));
    expect(output).to.contain("plan       Unaffordable").and.contain("Clock");
    expect(output).to.match(/Auction {6}ETH: .* below takeOverMinDiscountRate, 0\.5 %/);
    const { output: checked } = await command("check");
    expect(checked).to.contain(`Takes over ${describeAccount(own)}, up to 1000000 USD`);
  });

  it("takes over what makes the account healthy", async () => {
    const status = await keeper.idleAt(await house.later((AUCTION_SECONDS * 2) / 3));
    expect(status.takeOvers, keeper.output).to.be.greaterThan(0);
    const taken = await house.sizeOf(own);
    expect(taken > 0n, `${taken} was taken`).to.equal(true);
    // Seconds pass as the machine is busy, and with them a slice may become affordable.
    if (status.liquidations === 0)
      expect((await house.sizeOf(victim)) + taken).to.equal(parseD18("300"));
    const { equityUsd, requiredUsd } = await house.marginOf(victim);
    expect(equityUsd >= requiredUsd, `${equityUsd} of ${requiredUsd}`).to.equal(true);
    expect(status.txFailed).to.equal(0);
  });

  it("stops the clock once the account has stayed healthy", async () => {
    const status = await keeper.idleAt(await house.later(AUCTION_SECONDS));
    // By the keeper's call, or by the take-over itself where it left the initial margin: the chain's time goes on while a busy machine thinks.
    expect(await house.markedAt(victim)).to.equal(0n);
    expect(status.routes.takeOver.count).to.equal(status.takeOvers);
  });

  it("keeps what it took while the pool pays too little, and sells it when it pays enough", async () => {
    const held = await house.sizeOf(own);
    expect((await keeper.idleAt(await house.publish("1826"))).openOrders).to.equal(0);
    expect(await house.sizeOf(own)).to.equal(held);

    await house.commit(1, { size: "8000" });
    const closed = await keeper.idleAt(await house.publish("1826"));
    expect(closed.openOrders).to.equal(1);
    const status = await keeper.idleAt(await house.publish("1826"));
    expect(status.openOrders).to.equal(0);
    expect(await house.sizeOf(own)).to.equal(0n);
    expect(status.txFailed).to.equal(0);
    expect(status.auditMismatches).to.equal(0);
  });
});
