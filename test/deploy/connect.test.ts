import { createServer } from "node:http";
import { expect } from "chai";
import { checkedKey, connectReader } from "../../deploy/connect.ts";
import { DeployError } from "../../deploy/deployError.ts";
import { refusalOf } from "./support.ts";

describe("connect", () => {
  /** How connecting to Sepolia through this URL is refused. */
  async function refusal(rpcUrl: string): Promise<string> {
    const target = { network: "sepolia", chainId: 11_155_111, rpcUrl };
    const { kind, message } = await refusalOf(connectReader(target));
    expect(message).not.to.include("secret");
    return `${kind}: ${message}`;
  }

  it("says that an RPC URL is none", async () => {
    expect(await refusal("sepolia.example/secret")).to.match(
      /^rpcUrl: The RPC URL for sepolia is none: it must begin with http/,
    );
  });

  it("says that a node does not answer", async () => {
    expect(await refusal("http://127.0.0.1:1/secret")).to.match(
      /^unreachable: The node of sepolia at http:\/\/127\.0\.0\.1:1 does not answer/,
    );
  });

  const answers: readonly [string, number, string, RegExp][] = [
    ["refuses the key of its URL", 401, "unauthorized", /^unreachable: .* answers HTTP 401\./],
    ["is no node", 200, "<html>", /^unreachable: .* answers with something that is not JSON-RPC\./],
    [
      "is another chain's",
      200,
      '{"jsonrpc":"2.0","id":1,"result":"0x1"}',
      /^chain: Wrong chain: sepolia is chain 11155111, .* answers for chain 1\. Check the RPC URL\.$/,
    ],
  ];
  for (const [what, status, body, message] of answers) {
    it(`says that a node ${what}`, async () => {
      const server = createServer((_, response) => response.writeHead(status).end(body));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      const port = typeof address === "object" ? address?.port : undefined;
      try {
        expect(await refusal(`http://127.0.0.1:${port}/secret`)).to.match(message);
      } finally {
        server.close();
      }
    });
  }

  const keys: readonly [string, string][] = [
    ["0x1234", "it has 4 hex digits, and a key has 64."],
    ["test test junk", "it has characters that are not hex."],
    ["0".repeat(64), "the curve has none of that value."],
    ["f".repeat(64), "the curve has none of that value."],
  ];
  for (const [text, reason] of keys) {
    it(`says what is wrong with a key: ${reason}`, () => {
      expect(() => checkedKey("SEPOLIA_PRIVATE_KEY", text)).to.throw(
        DeployError,
        new RegExp(`^SEPOLIA_PRIVATE_KEY is no private key: ${reason}$`),
      );
    });
  }

  it("takes a key with and without prefix", () => {
    const digits = "11".repeat(32);
    expect(checkedKey("KEY", `0x${digits}`)).to.equal(`0x${digits}`);
    expect(checkedKey("KEY", ` ${digits}\n`)).to.equal(`0x${digits}`);
  });
});
