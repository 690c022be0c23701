import { expect } from "chai";
import type { AccountId } from "../../sdk/src/accountId.ts";
import { parseD18 } from "../../sdk/src/amounts.ts";
import { KeeperProcess } from "./support/keeperProcess.ts";
import { type LocalHouse, startLocalHouse } from "./support/localHouse.ts";

describe("a keeper process", () => {
  let house: LocalHouse;
  let keeper: KeeperProcess;
  let long: AccountId;
  let short: AccountId;

  before(async () => {
    house = await startLocalHouse();
    keeper = new KeeperProcess(house);
  });

  after(async () => {
    await keeper.stop();
    await house.close();
  });

  it("executes orders at the first price after their commitment", async () => {
    long = await house.join(0, "50000");
    short = await house.join(1, "200000");
    await house.commit(0, { size: "300" });
    await house.commit(1, { size: "-200" });
    const before = await keeper.idleAt(await house.provider.getBlockNumber());
    expect(before.ordersExecuted).to.equal(0);
    expect(before.openOrders).to.equal(2);

    const status = await keeper.idleAt(await house.publish("2000"));
    expect(status.ordersExecuted).to.equal(2);
    expect(status.openOrders).to.equal(0);
    expect(await house.sizeOf(long)).to.equal(parseD18("300"));
    expect(await house.sizeOf(short)).to.equal(parseD18("-200"));
  });

  it("closes part of a position that a fall makes fail", async () => {
    const calm = await keeper.idleAt(await house.publish("1950"));
    expect(calm.liquidations).to.equal(0);

    const status = await keeper.idleAt(await house.publish("1890"));
    expect(status.liquidations).to.be.greaterThan(0);
    expect(status.priceToInclusionMs.count).to.be.greaterThan(0);
    const left = await house.sizeOf(long);
    expect(left > 0n && left < parseD18("300"), `${left} is left`).to.equal(true);
  });

  it("recognises the default of an account that a gap makes bankrupt", async () => {
    const status = await keeper.idleAt(await house.publish("1500"));
    expect(status.resolutions).to.equal(1);
    expect(await house.sizeOf(long)).to.equal(0n);
    expect(status.txFailed).to.equal(0);
    expect(status.auditMismatches).to.equal(0);
  });

  it("ends with 0 when it is told to stop", async () => {
    expect(await keeper.stop("SIGTERM")).to.equal(0);
  });
});
