import { expect } from "chai";
import type { Signer } from "ethers";
import { checkDeployment } from "../../deploy/checkDeployment.ts";
import { deployBreakwater } from "../../deploy/deployBreakwater.ts";
import { gasNeeded } from "../../deploy/funds.ts";
import { readParameters } from "../../deploy/readParameters.ts";
import { oracleRouterAbi } from "../../sdk/src/abis/OracleRouter.ts";
import { replayFeedAbi } from "../../sdk/src/abis/ReplayFeed.ts";
import { reportRelayAbi } from "../../sdk/src/abis/ReportRelay.ts";
import { parseD18 } from "../../sdk/src/amounts.ts";
import { marketOf } from "../../sdk/src/manifest.ts";
import {
  type Parameters,
  parametersSchema,
  parseParameters,
  type SecondaryParameters,
} from "../../sdk/src/parameters.ts";
import { typedContract } from "../../sdk/src/typedContract.ts";
import { deployVerifier, STREAM, signedReport } from "../oracles/verifier.ts";
import { localChain, refusalOf, send } from "./support.ts";

const local = await readParameters("local");

const stream = (verifier: string): SecondaryParameters => ({
  feed: {
    kind: "stream",
    verifier,
    streamId: STREAM,
    description: "ETH / USD",
    decimals: 18,
    reportSeconds: 10,
  },
  maxAgeSeconds: 300,
  maxDeviation: parseD18("0.02"),
});

const replay = (price: string): SecondaryParameters => ({
  feed: { kind: "replay", description: "second", decimals: 18, price: parseD18(price) },
  maxAgeSeconds: 4_500,
  maxDeviation: parseD18("0.03"),
});

/** Local parameters in which everything has a second source: ETH a stream, the rest feeds. */
function pairedParameters(verifier: string): Parameters {
  const [eth, btc] = local.markets;
  if (eth === undefined || btc === undefined) throw new Error("Two markets are wanted");
  const prices = ["40000", "2000"];
  return {
    ...local,
    markets: [
      { ...eth, secondary: stream(verifier) },
      { ...btc, secondary: replay("40100") },
    ],
    credit: {
      ...local.credit,
      collateral: local.credit.collateral.map((each, index) => ({
        ...each,
        secondary: replay(prices[index] ?? "1"),
      })),
    },
  };
}

async function deployed(): Promise<Deployed> {
  const chain = await localChain();
  const { provider, reader, deployer } = chain;
  const parameters = pairedParameters(await deployVerifier(deployer));
  let gas = 0n;
  const before = await reader.getBlockNumber();
  const manifest = await deployBreakwater({ provider, parameters, deployer: deployer.address });
  for (let block = before + 1; block <= (await reader.getBlockNumber()); ++block) {
    gas += (await reader.getBlock(block))?.gasUsed ?? 0n;
  }
  const oracle = typedContract(oracleRouterAbi, manifest.contracts.oracleRouter, reader);
  return { ...chain, parameters, manifest, oracle, gas };
}
type Deployed = Awaited<ReturnType<typeof localChain>> & {
  parameters: Parameters;
  manifest: Awaited<ReturnType<typeof deployBreakwater>>;
  oracle: ReturnType<typeof typedContract<typeof oracleRouterAbi>>;
  gas: bigint;
};

describe("second sources in a deployment", function () {
  this.timeout(300_000);
  let ready: Deployed;
  before(async () => {
    ready = await deployed();
  });

  const setSecondary = async (signer: Signer, market: bigint, maxDeviation: bigint) => {
    const { config } = await ready.oracle.call("secondaryOf", [market]);
    await send(signer, ready.oracle, "setSecondary", [market, { ...config, maxDeviation }]);
  };

  it("are deployed, set and checked", async () => {
    const { reader, manifest, parameters, gas } = ready;
    expect(await checkDeployment(reader, manifest)).to.deep.equal([]);
    const { secondary } = marketOf(manifest, "ETH");
    expect(secondary).to.deep.include({ description: "ETH / USD", decimals: 18, replay: null });
    expect(secondary?.takesReports).to.equal(true);
    expect(marketOf(manifest, "BTC").secondary?.replay).to.be.a("string");
    expect(manifest.collateral.every((each) => each.secondary !== null)).to.equal(true);
    expect(gas < gasNeeded(parameters), `${gas}`).to.equal(true);
  });

  it("price a market by the report that is brought through the relay", async () => {
    const { deployer, reader, manifest, oracle } = ready;
    const relay = typedContract(reportRelayAbi, manifest.contracts.reportRelay, reader);
    const feed = marketOf(manifest, "ETH").secondary?.address ?? "";
    const observedAt = BigInt((await reader.getBlock("latest"))?.timestamp ?? 0);
    const report = signedReport({ observedAt, price: parseD18("2005") });
    await send(deployer, relay, "run", [[{ feed, report, value: 0n }], []]);
    const [price] = await oracle.call("peek", [1n]);
    expect(price?.price).to.equal(parseD18("2005"));
    const aggregator = marketOf(manifest, "ETH").feed.replay ?? "";
    const primary = typedContract(replayFeedAbi, aggregator, reader);
    await send(deployer, primary, "push", [2_100n * 10n ** 8n]);
    const [apart] = await oracle.call("peek", [1n]);
    expect(apart?.status).to.equal(3n, "Deviating");
  });

  it("are missed by the check when they are changed", async () => {
    const { deployer, reader, manifest } = ready;
    await setSecondary(deployer, 1n, parseD18("0.05"));
    await send(deployer, ready.oracle, "setSecondary", [
      0n,
      { feed: `0x${"00".repeat(20)}`, maxAge: 0n, maxDeviation: 0n },
    ]);
    const stand = marketOf(manifest, "ETH").secondary?.address;
    expect(await checkDeployment(reader, manifest)).to.have.members([
      "BTC secondary.maxDeviation: is 50000000000000000, not 30000000000000000",
      `ETH secondary.feed: is 0x${"00".repeat(20)}, not ${stand}`,
      "ETH secondary.maxAge: is 0, not 300",
      "ETH secondary.maxDeviation: is 0, not 20000000000000000",
    ]);
    const markets = manifest.parameters.markets.map((market) =>
      market.symbol === "ETH"
        ? { ...market, secondary: { ...stream(manifest.contracts.token), maxAgeSeconds: 300 } }
        : market,
    );
    const others = { ...manifest, parameters: { ...manifest.parameters, markets } };
    const problems = await checkDeployment(reader, others);
    expect(problems.join("\n")).to.match(/ETH stream\.verifier: is 0x\w+, not 0x\w+/);
  });

  it("are refused before anything is sent where a verifier or a feed is not there", async () => {
    const { provider, deployer } = await localChain();
    const nowhere = "0x00000000000000000000000000000000000000AA";
    const refusing = async (secondary: SecondaryParameters) => {
      const markets = local.markets.map((market, id) =>
        id === 0 ? { ...market, secondary } : market,
      );
      const attempt = deployBreakwater({
        provider,
        parameters: { ...local, markets },
        deployer: deployer.address,
      });
      return (await refusalOf(attempt)).message;
    };
    expect(await refusing(stream(nowhere))).to.contain("The verifier of ETH's stream at");
    const feed = { kind: "chainlink" as const, address: nowhere, description: "ETH / USD" };
    expect(await refusing({ ...replay("2000"), feed })).to.contain(
      "The price feed of ETH (second source) at",
    );
  });

  it("are read, written and refused as the contracts would", () => {
    const parameters = pairedParameters("0x00000000000000000000000000000000000000AA");
    const json: unknown = parametersSchema.encode(parameters);
    expect(parseParameters(JSON.stringify(json), "x")).to.deep.equal(parameters);
    const refusedWith = (given: SecondaryParameters) => {
      const markets = local.markets.map((market, id) =>
        id === 0
          ? {
              ...market,
              secondary: given,
              oracle: { ...market.oracle, jumpBand: parseD18("0.02") },
            }
          : market,
      );
      return parametersSchema.safeEncode({ ...local, markets });
    };
    const wide = refusedWith(replay("2000"));
    expect(wide.success ? "" : wide.error.issues[0]?.message).to.equal(
      "is 0.03; at most the jumpBand 0.02",
    );
    const wrong = stream("0x00000000000000000000000000000000000000AA");
    if (wrong.feed.kind !== "stream") return;
    const other = refusedWith({ ...wrong, feed: { ...wrong.feed, streamId: "0x0004" } });
    expect(other.success ? "" : other.error.issues[0]?.message).to.contain("schema v3");
  });
});
