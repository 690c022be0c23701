import { expect } from "chai";
import { RetryableError } from "../../keepers/src/failures.ts";
import { ChainStore } from "../../keepers/src/store/chainStore.ts";
import { Database } from "../../keepers/src/store/database.ts";
import { ChainMovedError, LogSync, LogsMissingError } from "../../keepers/src/sync/logSync.ts";
import { FakeChain, fakeEvents } from "./support/fakeChain.ts";

const WINDOW = 16;

function syncOf(chain: FakeChain, store: ChainStore, startBlock = 0): LogSync {
  return new LogSync({
    chain,
    store,
    events: fakeEvents,
    startBlock,
    logRange: 50,
    window: WINDOW,
  });
}

function emptyStore(): ChainStore {
  return new ChainStore(new Database(":memory:"));
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail("It did not fail"),
    (error: unknown) => error,
  );
}

describe("reading logs", () => {
  it("reads old blocks in ranges, finds every account, and needs headers only near the head", async () => {
    const chain = new FakeChain(0);
    for (let i = 0; i < 300; i++) chain.mine(i % 10 === 0 ? [BigInt(i + 1)] : []);
    const store = emptyStore();
    const { touched } = await syncOf(chain, store, 5).advance(chain.head);
    expect([...touched]).to.have.length(29);
    expect(store.accounts()).to.have.length(29);
    expect(store.cursor()?.number).to.equal(299);
    expect(chain.logRequests).to.be.lessThan(10);
    expect(chain.blockRequests).to.be.lessThan(WINDOW + 10);
  });

  it("reads only what is new, and reports who is touched by it", async () => {
    const chain = new FakeChain(30);
    const store = emptyStore();
    const sync = syncOf(chain, store);
    await sync.advance(chain.head);
    const before = chain.logRequests;
    chain.mine([7n]);
    const { touched, rolledBackTo } = await sync.advance(chain.head);
    expect([...touched]).to.deep.equal([7n]);
    expect(rolledBackTo).to.equal(null);
    expect(chain.logRequests).to.equal(before + 1);
  });

  for (const depth of [1, 3, 12]) {
    it(`takes back ${depth} reorganised blocks and reads the others`, async () => {
      const chain = new FakeChain(40);
      const store = emptyStore();
      const sync = syncOf(chain, store);
      chain.mine([1n]);
      for (let i = 0; i < depth - 1; i++) chain.mine([BigInt(100 + i)]);
      chain.mine([2_000n]);
      await sync.advance(chain.head);
      const height = chain.head.number;
      expect(store.openOrders().map(({ id }) => id)).to.deep.equal([2_000n]);

      chain.reorganise(depth, [3n]);
      const { touched, rolledBackTo } = await sync.advance(chain.head);
      expect(rolledBackTo).to.equal(height - depth);
      expect(touched.has(3n) && touched.has(2_000n) && !touched.has(1n)).to.equal(true);
      expect(store.accounts()).to.deep.equal(chain.touchedAccounts());
      expect(store.openOrders()).to.deep.equal([]);
      expect(store.cursor()?.hash).to.equal(chain.head.hash);
    });
  }

  it("reads everything anew when no block it remembers is left", async () => {
    const chain = new FakeChain(30);
    chain.mine([1n]);
    const store = emptyStore();
    const sync = syncOf(chain, store);
    await sync.advance(chain.head);
    chain.reorganise(31, [2n]);
    const { rolledBackTo } = await sync.advance(chain.head);
    expect(rolledBackTo).to.equal(-1);
    expect(store.accounts()).to.deep.equal([2n]);
  });

  it("asks for less where an endpoint refuses the range", async () => {
    const chain = new FakeChain(0);
    for (let i = 0; i < 200; i++) chain.mine([BigInt(i + 1)]);
    chain.maxRange = 7;
    const store = emptyStore();
    await syncOf(chain, store).advance(chain.head);
    expect(store.accounts()).to.have.length(200);
  });

  it("remembers who was touched in what it had read when a later range fails", async () => {
    const chain = new FakeChain(0);
    for (let i = 0; i < 200; i++) chain.mine(i === 3 ? [42n] : []);
    const store = emptyStore();
    const sync = syncOf(chain, store);
    chain.onLogs = (fromBlock) => {
      if (fromBlock > 100) throw new RetryableError("the endpoint went away");
    };
    expect(await failureOf(sync.advance(chain.head))).to.be.instanceOf(RetryableError);
    expect(store.cursor()?.number).to.be.within(50, 150);
    chain.onLogs = () => {};
    expect([...(await sync.advance(chain.head)).touched]).to.deep.equal([42n]);
  });

  it("mixes no two chains when the chain changes between header and logs", async () => {
    const chain = new FakeChain(20);
    const store = emptyStore();
    const sync = syncOf(chain, store);
    await sync.advance(chain.head);
    chain.mine([1n]);
    const seen = chain.head;
    chain.onLogs = () => {
      chain.onLogs = () => {};
      chain.reorganise(1, []);
      chain.reorganise(1, [2n]);
    };
    // The header seen is of a block without account 1 by the time its logs are asked for.
    await sync.advance(seen).catch((error: unknown) => {
      if (!(error instanceof ChainMovedError)) throw error;
    });
    await sync.advance(chain.head);
    expect(store.accounts()).to.deep.equal(chain.touchedAccounts());
  });

  it("goes on where a process before it stopped", async () => {
    const chain = new FakeChain(30);
    chain.mine([1n]);
    const store = emptyStore();
    await syncOf(chain, store).advance(chain.head);
    chain.mine([2n]);
    const { touched } = await syncOf(chain, store).advance(chain.head);
    expect([...touched]).to.deep.equal([2n]);
  });

  it("forgets another deployment's rows, and only those", async () => {
    const store = emptyStore();
    expect(store.bindTo("one")).to.equal(false);
    const chain = new FakeChain(5);
    chain.mine([1n]);
    await syncOf(chain, store).advance(chain.head);
    expect(store.bindTo("one")).to.equal(false);
    expect(store.accounts()).to.deep.equal([1n]);
    expect(store.bindTo("two")).to.equal(true);
    expect(store.accounts()).to.deep.equal([]);
    expect(store.cursor()).to.equal(undefined);
  });

  it("doubts an endpoint that keeps quiet about logs a header announces, then believes it", async () => {
    const chain = new FakeChain(3);
    const store = emptyStore();
    // A filter with every bit set announces everything.
    const loud = { ...chain.head, logsBloom: `0x${"ff".repeat(256)}` };
    const sync = syncOf(chain, store);
    expect(await failureOf(sync.advance(loud))).to.be.instanceOf(LogsMissingError);
    expect(await failureOf(sync.advance(loud))).to.be.instanceOf(LogsMissingError);
    expect((await sync.advance(loud)).touched.size).to.equal(0);
  });
});
