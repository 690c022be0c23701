import { expect } from "chai";
import { circuitBreakerAbi } from "../../sdk/src/abis/CircuitBreaker.ts";
import { clearingHouseAbi } from "../../sdk/src/abis/ClearingHouse.ts";
import { enums } from "../../sdk/src/abis/enums.ts";
import { typedContract } from "../../sdk/src/typedContract.ts";
import { KeeperProcess } from "./support/keeperProcess.ts";
import { type LocalHouse, startLocalHouse } from "./support/localHouse.ts";

describe("a keeper process and the circuit breaker", () => {
  let local: LocalHouse;
  let keeper: KeeperProcess;

  before(async function () {
    this.timeout(300_000);
    local = await startLocalHouse();
    keeper = new KeeperProcess(local);
  });
  after(async () => {
    await keeper.stop("SIGKILL");
    await local.close();
  });

  const breaker = () =>
    typedContract(circuitBreakerAbi, local.manifest.contracts.circuitBreaker, local.provider);
  const mode = async () => {
    const house = typedContract(
      clearingHouseAbi,
      local.manifest.contracts.clearingHouse,
      local.provider,
    );
    return enums.MarketMode[Number((await house.call("marketOf", [0n])).mode)];
  };
  const sampledAt = async () => (await breaker().call("samplesOf", [0n])).newer.takenAt;

  it("samples what was never sampled, and again when a window has passed", async () => {
    await keeper.idleAt(await local.provider.getBlockNumber());
    const first = await sampledAt();
    expect(first).to.not.equal(0n);
    await keeper.idleAt(await local.publish("2001"));
    expect(await sampledAt()).to.equal(first);
    await keeper.idleAt(await local.later(3_601));
    expect((await sampledAt()) >= first + 3_600n).to.equal(true);
  });

  it("trips nothing, unless it is told to", async () => {
    await keeper.idleAt(await local.publish("2000"));
    await keeper.idleAt(await local.publish("1850"));
    const { readings } = await breaker().call("conditionOf", [0n]);
    expect(readings[0]?.trippableAt).to.not.equal(0n, "the move is one to guard for");
    expect(await mode()).to.equal("Open");
    expect(await keeper.stop()).to.equal(0);

    keeper = new KeeperProcess(local, { BREAKWATER_TRIP_BREAKER: "true" });
    await keeper.until((status) => status.txSent > 0);
    await keeper.idleAt(await local.provider.getBlockNumber());
    expect(await mode()).to.equal("ReduceOnly");
  });

  it("relaxes the market when the time has passed and the move is over", async () => {
    await keeper.idleAt(await local.later(600));
    expect(await mode()).to.equal("ReduceOnly", "a guard lasts a quarter of an hour");
    for (let buckets = 0; buckets < 3; ++buckets) {
      await local.later(600);
      await keeper.idleAt(await local.publish("1851"));
    }
    const status = await keeper.idleAt(await local.later(1));
    expect(await mode()).to.equal("Open");
    // The other market has had no price for an hour: seen when it began, a few times until it had stood, and not in every block.
    expect(status.txSent).to.be.lessThan(15);
    expect(status.txFailed).to.equal(0);
  });
});
