import { expect } from "chai";
import { ChainClient } from "../../keepers/src/rpc/chainClient.ts";
import { httpEndpoint } from "../../keepers/src/rpc/endpoint.ts";
import { EndpointError, RpcError } from "../../keepers/src/rpc/rpcError.ts";
import { RpcPool } from "../../keepers/src/rpc/rpcPool.ts";
import { revertDataOf } from "../../sdk/src/errors.ts";
import { type FakeNode, type Reply, rawBlock, startFakeNode } from "./support/fakeNode.ts";

const TIMEOUT_MS = 200;

describe("a pool of endpoints", () => {
  let first: FakeNode;
  let second: FakeNode;

  const answers =
    (head: number): FakeNode["reply"] =>
    (method) =>
      method === "eth_getBlockByNumber" ? { result: rawBlock(head) } : { result: `${head}` };

  beforeEach(async () => {
    first = await startFakeNode(answers(100));
    second = await startFakeNode(answers(100));
  });
  afterEach(async () => {
    await first.close();
    await second.close();
  });

  function poolOf(...nodes: readonly FakeNode[]): RpcPool {
    return new RpcPool({
      endpoints: nodes.map(({ url }) => httpEndpoint({ url, timeoutMs: TIMEOUT_MS })),
      maxLagBlocks: 3,
      rounds: 2,
      backoffMs: 5,
      coolDownMs: 60_000,
    });
  }

  async function failureOf(promise: Promise<unknown>): Promise<unknown> {
    return promise.then(
      () => expect.fail("It did not fail"),
      (error: unknown) => error,
    );
  }

  it("asks only the preferred endpoint while it answers", async () => {
    const pool = poolOf(first, second);
    await pool.request("eth_x", []);
    await pool.request("eth_x", []);
    expect(first.asked).to.deep.equal(["eth_x", "eth_x"]);
    expect(second.asked).to.deep.equal([]);
  });

  const failures: Readonly<Record<string, Reply>> = {
    "is throttled (429)": { http: 429, headers: { "retry-after": "30" } },
    "is throttled (-32005)": { error: { code: -32005, message: "limit exceeded" } },
    "has an inner error (500)": { http: 500 },
    "never answers": "silence",
    "closes the connection": "hangup",
    "answers with no JSON": { text: "<html>" },
    "answers with no JSON-RPC": { text: "[1]" },
    "answers another question": { text: '{"jsonrpc":"2.0","id":999,"result":"0x0"}' },
    "is behind": { error: { code: -32000, message: "header not found" } },
    "is pruned": { error: { code: -32000, message: "missing trie node 0xab" } },
  };
  for (const [what, reply] of Object.entries(failures)) {
    it(`turns to the next endpoint when one ${what}, and stays there`, async () => {
      first.reply = () => reply;
      const pool = poolOf(first, second);
      expect(await pool.request("eth_x", [])).to.equal("100");
      expect(await pool.request("eth_x", [])).to.equal("100");
      expect(first.asked).to.have.length(1);
      expect(second.asked).to.have.length(2);
    });
  }

  it("takes a refusal as the answer: nobody else is asked, and revert data is kept", async () => {
    first.reply = () => ({ error: { code: 3, message: "execution reverted", data: "0x12345678" } });
    const error = await failureOf(poolOf(first, second).request("eth_call", []));
    expect(error).to.be.instanceOf(RpcError);
    expect(revertDataOf(error)).to.equal("0x12345678");
    expect(second.asked).to.deep.equal([]);
  });

  it("says of every endpoint why it failed, when all did, after trying again", async () => {
    first.reply = () => ({ http: 500 });
    second.reply = () => ({ http: 503 });
    const error = await failureOf(poolOf(first, second).request("eth_x", []));
    expect(error).to.be.instanceOf(EndpointError);
    expect(String(error)).to.contain("HTTP 500").and.to.contain("HTTP 503");
    expect(first.asked).to.have.length(2);
  });

  it("does not ask an endpoint whose head is old, until it has caught up", async () => {
    first.reply = answers(90);
    const pool = poolOf(first, second);
    expect((await pool.pollHead()).number).to.equal(100);
    expect(pool.headLag()).to.equal(10);
    expect(await pool.request("eth_x", [])).to.equal("100");
    first.reply = answers(100);
    await pool.pollHead();
    first.asked.length = 0;
    await pool.request("eth_x", []);
    expect(first.asked).to.deep.equal(["eth_x"]);
  });

  it("knows the head from whoever answers, and fails when nobody does", async () => {
    first.reply = () => "hangup";
    expect((await poolOf(first, second).pollHead()).number).to.equal(100);
    second.reply = () => ({ result: null });
    expect(await failureOf(poolOf(first, second).pollHead())).to.be.instanceOf(EndpointError);
  });

  it("reports endpoints with different blocks of one height", async () => {
    second.reply = () => ({ result: rawBlock(100, 7) });
    const pool = poolOf(first, second);
    await pool.pollHead();
    expect(pool.disagreement()).to.have.length(2);
    second.reply = answers(100);
    await pool.pollHead();
    expect(pool.disagreement()).to.deep.equal([]);
  });

  it("asks another endpoint for a block that one does not know", async () => {
    first.reply = () => ({ result: null });
    const client = new ChainClient(poolOf(first, second));
    expect((await client.block(100))?.number).to.equal(100);
    second.reply = () => ({ result: null });
    expect(await client.block(100)).to.equal(null);
  });

  it("asks another endpoint for logs that one keeps to itself", async () => {
    const log = {
      address: `0x${"11".repeat(20)}`,
      topics: [],
      data: "0x",
      blockNumber: "0x64",
      blockHash: rawBlock(100).hash,
      transactionHash: rawBlock(1).hash,
      logIndex: "0x0",
    };
    first.reply = () => ({ result: [] });
    second.reply = () => ({ result: [log] });
    const client = new ChainClient(poolOf(first, second));
    const filter = { fromBlock: 100, toBlock: 100, addresses: [] };
    expect(await client.logs(filter, (logs) => logs.length > 0)).to.have.length(1);
    expect(await client.logs(filter)).to.have.length(0);
  });

  it("hands a transaction to every endpoint, and one that takes it is enough", async () => {
    first.reply = () => ({ error: { code: -32000, message: "transaction underpriced" } });
    second.reply = () => ({ result: rawBlock(5).hash });
    const client = new ChainClient(poolOf(first, second));
    expect(await client.sendRaw("0x00")).to.equal(rawBlock(5).hash);
    second.reply = () => "hangup";
    expect(await failureOf(client.sendRaw("0x00"))).to.be.instanceOf(RpcError);
  });
});
