import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { bloomMayHold } from "../../keepers/src/sync/logsBloom.ts";
import { statusSchema } from "../../keepers/src/watch/status.ts";
import { type AccountId, describeAccount } from "../../sdk/src/accountId.ts";
import { parseD18 } from "../../sdk/src/amounts.ts";
import { writeManifest } from "../../sdk/src/manifestFile.ts";
import { KeeperProcess, runCommand } from "./support/keeperProcess.ts";
import { KEEPER_KEY, type LocalHouse, startLocalHouse } from "./support/localHouse.ts";

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
    expect(await house.sizeOf(await house.inventoryAccount()), "inventory unsold").to.equal(0n);
    expect(status.txFailed).to.equal(0);
    expect(status.auditMismatches).to.equal(0);
  });

  it("ends with 0 when it is told to stop", async () => {
    expect(await keeper.stop("SIGTERM")).to.equal(0);
  });
});

describe("a keeper process that is killed", () => {
  it("is followed by one that goes on where it stopped, on a chain that mines by the clock", async () => {
    const house = await startLocalHouse();
    const keepers: KeeperProcess[] = [];
    const start = (extra?: Readonly<Record<string, string>>) => {
      const keeper = new KeeperProcess(house, extra);
      keepers.push(keeper);
      return keeper;
    };
    try {
      const first = start({ BREAKWATER_REPLACE_AFTER_MS: "600" });
      const account = await house.join(0, "50000");
      await house.commit(0, { size: "300" });
      const { wallet } = await first.idleAt(await house.provider.getBlockNumber());
      // What it did first of all: the figures of the circuit breaker had never been sampled.
      const sentBefore = await house.provider.getTransactionCount(wallet ?? "");
      await house.provider.send("evm_setAutomine", [false]);
      const before = await house.provider.getBlockNumber();
      const published = house.publish("2000");
      await house.untilPending();
      await house.provider.send("evm_mine", []);
      expect(await published).to.equal(before + 1);
      await first.until((status) => status.inFlight === 1);
      // Not mined for a while: replaced at the same nonce.
      await first.untilOutput("Replaced a transaction");
      expect(await first.stop("SIGKILL")).to.equal(null);

      const second = start();
      await second.until((status) => status.inFlight === 1);
      await second.untilOutput("Took up the outbox");
      await house.provider.send("evm_setIntervalMining", [200]);
      const status = await second.idleAt((await house.provider.getBlockNumber()) + 1);
      expect(await house.sizeOf(account)).to.equal(parseD18("300"));
      expect(status.ordersExecuted).to.equal(1);
      expect(status.txFailed).to.equal(0);
      const signer = status.wallet ?? "";
      expect(signer).to.equal(wallet);
      expect(await house.provider.getTransactionCount(signer)).to.equal(sentBefore + 1);

      await house.publish("1890");
      await second.until(({ liquidations }) => liquidations > 0);
      const left = await house.sizeOf(account);
      expect(left > 0n && left < parseD18("300"), `${left} is left`).to.equal(true);
    } finally {
      for (const keeper of keepers) await keeper.stop("SIGKILL");
      await house.close();
    }
  });
});

describe("a keeper process without a key", () => {
  it("says what it would do and sends nothing", async () => {
    const house = await startLocalHouse();
    const keeper = new KeeperProcess(house, { BREAKWATER_PRIVATE_KEY: "" });
    try {
      await house.join(0, "50000");
      await house.commit(0, { size: "300" });
      const status = await keeper.idleAt(await house.publish("2000"));
      expect(status.txSent).to.equal(0);
      expect(status.openOrders).to.equal(1);
      expect(status.notReady.join()).to.contain("No key");
      await keeper.untilOutput("Would send (no key given)");
    } finally {
      await keeper.stop("SIGKILL");
      await house.close();
    }
  });
});

describe("a keeper's commands", () => {
  let house: LocalHouse;
  before(async () => {
    house = await startLocalHouse();
  });
  after(() => house.close());

  const settings = (extra: Readonly<Record<string, string>> = {}) => ({
    BREAKWATER_MANIFEST: house.manifestFile,
    BREAKWATER_RPC_URLS: house.url,
    ...extra,
  });

  it("check: says what is there and whether it can work", async () => {
    const ready = await runCommand(["check"], settings());
    expect(ready.code).to.equal(0);
    expect(ready.output)
      .to.contain("Market     ETH: Open, 2000 USD, price Valid")
      .and.contain("Ready.");
    const wrong = await runCommand(
      ["check"],
      settings({ BREAKWATER_RPC_URLS: "http://127.0.0.1:1/secretkey123" }),
    );
    expect(wrong.code).to.equal(1);
    expect(wrong.output).to.contain("No endpoint answers").and.not.contain("secretkey123");
  });

  it("check: says which lines hold no signed order, and what buying collateral needs", async () => {
    const orders = join(house.directory, "orders.jsonl");
    writeFileSync(orders, "nonsense\n");
    const { code, output } = await runCommand(
      ["check"],
      settings({
        BREAKWATER_PRIVATE_KEY: KEEPER_KEY,
        BREAKWATER_SIGNED_ORDERS: orders,
        BREAKWATER_COLLATERAL_BUDGET_USD: "1000",
      }),
    );
    expect(code).to.equal(1);
    expect(output)
      .to.contain("0 signed orders in")
      .and.contain("line 1: It is not JSON")
      .and.contain("up to 1000 USD; 0 tUSD can be paid now")
      .and.contain("has no tUSD that the credit vault");
  });

  it("explain: says how an account stands and what would be done", async () => {
    const account = await house.join(0, "50000");
    const { code, output } = await runCommand(["explain", describeAccount(account)], settings());
    expect(code).to.equal(0);
    expect(output).to.contain("Cash         50000 USD").and.contain("nothing would be done");
    const nonsense = await runCommand(["explain", "nobody"], settings());
    expect(nonsense.code).to.equal(1);
    expect(nonsense.output).to.contain('"nobody" is no account');
  });

  it("run: refuses a manifest of another chain, and one whose contracts are not there", async () => {
    const other = { ...house.manifest, chainId: 1 };
    const file = `${house.manifestFile}.other`;
    await writeManifest(file, other);
    const refused = await runCommand(["run"], settings({ BREAKWATER_MANIFEST: file }));
    expect(refused.code).to.equal(1);
    expect(refused.output).to.contain("is of chain 31337").and.contain("is of chain 1 ");
    const nowhere = "0x00000000000000000000000000000000000000AA";
    await writeManifest(file, {
      ...house.manifest,
      contracts: { ...house.manifest.contracts, clearingHouse: nowhere },
    });
    const empty = await runCommand(["run"], settings({ BREAKWATER_MANIFEST: file }));
    expect(empty.output).to.contain(`There is no contract at ${nowhere}`);
  });

  it("status: asks a running keeper", async () => {
    const statusFile = join(house.directory, "status.json");
    const keeper = new KeeperProcess(house, { BREAKWATER_STATUS_FILE: statusFile });
    try {
      const { syncedBlock } = await keeper.idleAt(await house.provider.getBlockNumber());
      const { code, output } = await runCommand(["status", "--status-file", statusFile], {});
      expect(code).to.equal(0);
      expect(statusSchema.parse(JSON.parse(output)).syncedBlock).to.equal(syncedBlock);
    } finally {
      await keeper.stop("SIGKILL");
    }
  });

  it("the port answers health, readiness and metrics", async () => {
    const keeper = new KeeperProcess(house);
    try {
      await keeper.idleAt(await house.provider.getBlockNumber());
      const answer = async (path: string) => {
        const response = await fetch(`${keeper.url}${path}`);
        return { code: response.status, body: await response.text() };
      };
      expect((await answer("/health")).code).to.equal(200);
      expect(await answer("/ready")).to.deep.equal({
        code: 200,
        body: '{"ok":true,"reasons":[]}\n',
      });
      expect((await answer("/metrics")).body).to.match(/audit_mismatch_total\{[^}]*\} 0/);
      expect((await answer("/nothing")).code).to.equal(404);
    } finally {
      await keeper.stop("SIGKILL");
    }
  });

  it("a header's filter of logs announces exactly the contracts that logged", async () => {
    const { feed, pool } = house.manifest.markets[0] ?? expect.fail("There is no market");
    const block = await house.publish("2001");
    const raw = await house.provider.send("eth_getBlockByNumber", [
      `0x${block.toString(16)}`,
      false,
    ]);
    expect(bloomMayHold(raw.logsBloom, [feed.replay ?? ""])).to.equal(true);
    expect(bloomMayHold(raw.logsBloom, [pool, house.manifest.contracts.clearingHouse])).to.equal(
      false,
    );
  });
});
