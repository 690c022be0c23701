import { expect } from "chai";
import { clearingHouseAbi } from "../../sdk/src/abis/ClearingHouse.ts";
import type { AccountId } from "../../sdk/src/accountId.ts";
import { imbalancesOf, readBooks, reconcileAccounts } from "../../sdk/src/reconciliation.ts";
import { typedContract } from "../../sdk/src/typedContract.ts";
import { KeeperProcess } from "./support/keeperProcess.ts";
import { type LocalHouse, startLocalHouse } from "./support/localHouse.ts";

const DAY = 86_400;

describe("a keeper process when feeds die", () => {
  let local: LocalHouse;
  let keeper: KeeperProcess;
  let accounts: AccountId[];

  before(async function () {
    this.timeout(300_000);
    local = await startLocalHouse();
    keeper = new KeeperProcess(local);
    accounts = [await local.join(0, "50000"), await local.join(1, "50000")];
    await local.commit(0, { size: "40" });
    await local.commit(1, { size: "-15" });
    await keeper.idleAt(await local.publish("2000"));
    await keeper.idleAt(await local.publish("1950"));
  });
  after(async () => {
    await keeper.stop("SIGKILL");
    await local.close();
  });

  const house = () =>
    typedContract(clearingHouseAbi, local.manifest.contracts.clearingHouse, local.provider);
  const source = () => ({ house: house().address, caller: local.provider });
  const everybody = () => [
    ...accounts,
    ...local.manifest.markets.map((market) => market.poolAccount),
  ];

  it("has the last round stored, and notes the outage after a day", async () => {
    for (const account of accounts) expect(await local.sizeOf(account)).to.not.equal(0n);
    await keeper.idleAt(await local.later(700));
    await keeper.idleAt(await local.later(DAY + 60));
    expect((await house().call("windDownOf", [0n])).outageAt).to.not.equal(0n);
    expect(await house().call("woundDownMarkets", [])).to.equal(0n);
  });

  it("ends the market a week later, and settles losers", async () => {
    await keeper.idleAt(await local.later(7 * DAY));
    await keeper.idleAt(await local.later(61));
    expect((await house().call("woundDownMarkets", [])) & 1n).to.equal(1n);
    await keeper.idleAt(await local.later(61));
    const [loser = 0n] = accounts;
    expect((await house().call("accountOf", [loser])).markets).to.equal(0n);
    expect((await house().call("windDownOf", [0n])).price).to.equal(1_950n * 10n ** 18n);
  });

  it("pays winners and the pool a day after that, until nobody is left", async () => {
    await keeper.idleAt(await local.later(DAY));
    await keeper.idleAt(await local.later(61));
    for (const account of accounts) {
      expect((await house().call("accountOf", [account])).markets).to.equal(0n);
    }
    const books = await house().call("reconciliationOf", [0n]);
    expect(books.poolQuote).to.equal(0n);
    expect(books.mirrorSize).to.equal(0n);
  });

  it("finds the books balanced, in its own look and over all accounts", async () => {
    expect(keeper.output).to.not.contain("do not add up");
    const { house: total, markets } = await readBooks(source(), [0, 1]);
    expect(imbalancesOf(total, markets)).to.deep.equal([]);
    expect(
      await reconcileAccounts(source(), [...everybody(), await keeperAccount()]),
    ).to.deep.equal([]);
  });

  it("would find an account that is missing from the sum", async () => {
    const found = await reconcileAccounts(source(), everybody().slice(1));
    expect(found.map(({ term }) => term)).to.contain("cash");
  });

  /** The keeper's fees are in its own account. */
  async function keeperAccount(): Promise<AccountId> {
    return BigInt((await local.provider.getSigner(1)).address) << 96n;
  }
});
