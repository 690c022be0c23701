import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { deployBreakwater } from "../../deploy/deployBreakwater.ts";
import { readParameters } from "../../deploy/readParameters.ts";
import { marketOf } from "../../sdk/src/manifest.ts";
import { readManifest } from "../../sdk/src/manifestFile.ts";
import { parametersSchema } from "../../sdk/src/parameters.ts";
import { type Outcome, runDeploy, withDirectory, withNode } from "./support.ts";

const SEPOLIA = 11_155_111;
/** The key of a development chain's first account, published with every such chain. */
const KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const FIRST_ACCOUNT = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const PENNILESS = `0x${"11".repeat(32)}`;

/** A failure that says what is wrong, and nothing else. */
function expectPlain({ exitCode, stderr }: Outcome, message: RegExp): void {
  expect(exitCode).to.equal(1);
  expect(stderr).to.match(message);
  expect(stderr).not.to.match(/^\s+at /m);
}

describe("npm run deploy", function () {
  this.timeout(600_000);

  it("deploys to a local node, writes the manifest, and finds both equal", async () => {
    await withDirectory(async (out) => {
      await withNode(31337, async ({ url }) => {
        const to = ["--network", "localhost", "--rpc-url", url, "--out", out];
        const { exitCode, stdout, stderr } = await runDeploy(to);
        expect(stderr).to.equal("");
        expect(exitCode).to.equal(0);
        expect(stdout).to.include("Checked: code, roles, wiring and parameters equal the manifest");
        const manifest = await readManifest(join(out, "manifests", "31337.json"));
        expect(stdout).to.include(manifest.contracts.clearingHouse);

        const check = await runDeploy([...to, "--check"]);
        expect(check.exitCode).to.equal(0);
        expect(check.stdout).to.match(/^Checked: /);
      });
    });
  });

  it("deploys with Sepolia's settings, resumes, and begins anew when told to", async () => {
    await withDirectory(async (out) => {
      await withNode(SEPOLIA, async ({ url, provider }) => {
        // Feeds stand in for Chainlink's, which this chain lacks.
        const stand = await deployBreakwater({
          provider,
          parameters: { ...(await readParameters("local")), chainId: SEPOLIA },
          deployer: FIRST_ACCOUNT,
        });
        const sepolia = await readParameters("sepolia");
        const markets = sepolia.markets.map((market) => {
          const { address, description } = marketOf(stand, market.symbol).feed;
          return { ...market, feed: { kind: "chainlink" as const, address, description } };
        });
        const file = join(out, "parameters.json");
        await writeFile(file, JSON.stringify(parametersSchema.encode({ ...sepolia, markets })));
        const to = ["--network", "sepolia", "--parameters", file, "--out", out];
        const env = { SEPOLIA_RPC_URL: url, SEPOLIA_PRIVATE_KEY: KEY };

        const first = await runDeploy(to, env);
        expect(first.stderr).to.equal("");
        expect(first.exitCode).to.equal(0);
        const again = await runDeploy(to, env);
        expect(again.stdout).to.include("Everything was deployed already");
        const manifest = await readFile(join(out, "manifests", `${SEPOLIA}.json`), "utf8");
        // Comparing needs no key.
        const check = await runDeploy([...to, "--check"], { SEPOLIA_RPC_URL: url });
        expect(check.stdout).to.match(/^Checked: /);
        const anew = await runDeploy([...to, "--fresh"], env);
        expect(anew.exitCode).to.equal(0);
        expect(await readFile(join(out, "manifests", `${SEPOLIA}.json`), "utf8")).not.to.equal(
          manifest,
        );
      });
    });
  });

  it("says when Chainlink's feeds are not there", async () => {
    await withNode(SEPOLIA, async ({ url }) => {
      const env = { SEPOLIA_RPC_URL: url, SEPOLIA_PRIVATE_KEY: KEY };
      await withDirectory(async (out) => {
        const outcome = await runDeploy(["--network", "sepolia", "--out", out], env);
        expectPlain(outcome, /^The price feed of ETH at 0x694A\w+ has no code on chain 11155111/);
      });
    });
  });

  it("says how much is needed when there are no funds", async () => {
    await withNode(SEPOLIA, async ({ url }) => {
      const env = { SEPOLIA_RPC_URL: url, SEPOLIA_PRIVATE_KEY: PENNILESS };
      const outcome = await runDeploy(["--network", "sepolia"], env);
      expectPlain(
        outcome,
        /^The deployer 0x\w{40} has 0\.0 ETH on sepolia, and deploying needs up to 0\.\d+ ETH .* Send it at least 0\.\d+ ETH\.$/m,
      );
    });
  });

  it("says when another chain answers", async () => {
    await withNode(31337, async ({ url }) => {
      const env = { SEPOLIA_RPC_URL: url, SEPOLIA_PRIVATE_KEY: KEY };
      const outcome = await runDeploy(["--network", "sepolia"], env);
      expectPlain(outcome, /^Wrong chain: sepolia is chain 11155111, .* answers for chain 31337\./);
    });
  });

  it("says when there is nothing to compare", async () => {
    await withDirectory(async (out) => {
      await withNode(31337, async ({ url }) => {
        const to = ["--network", "localhost", "--rpc-url", url, "--out", out, "--check"];
        expectPlain(await runDeploy(to), /^No manifest at .*31337\.json\. Deploy first/);
      });
    });
  });

  const RPC_URL = ["--rpc-url", "http://127.0.0.1:1/secret"];
  const refusals: readonly [string, string[], RegExp][] = [
    ["no network", [], /^Say where to with --network\. Known are: localhost, sepolia/],
    [
      "an unknown network",
      ["--network", "mainet"],
      /^Unknown network "mainet"\. Known are: localhost, sepolia/,
    ],
    [
      "a network without parameters",
      ["--network", "baseSepolia"],
      /^Nothing says what to deploy to baseSepolia/,
    ],
    ["an unknown option", ["--netwrok", "sepolia"], /^Unknown option '--netwrok'/],
    ["no RPC URL", ["--network", "sepolia"], /^No RPC URL for sepolia\. Set SEPOLIA_RPC_URL/],
    [
      "no key",
      ["--network", "sepolia", ...RPC_URL],
      /^No deployer's key for sepolia\. Set SEPOLIA_PRIVATE_KEY in the environment/,
    ],
    [
      "a parameter file that is not there",
      ["--network", "sepolia", "--parameters", "nowhere.json"],
      /^nowhere\.json cannot be used:\n {2}there is no such file/,
    ],
  ];
  for (const [what, args, message] of refusals) {
    it(`has a plain message for ${what}`, async () => {
      expectPlain(await runDeploy(args), message);
    });
  }

  it("names every wrong parameter", async () => {
    await withDirectory(async (directory) => {
      const file = join(directory, "wrong.json");
      const text = JSON.stringify(parametersSchema.encode(await readParameters("sepolia")));
      await writeFile(
        file,
        text
          .replace('"initialMargin":"0.05"', '"initialMargin":"2"')
          .replace('"windowSeconds":10', '"windowSeconds":0'),
      );
      const outcome = await runDeploy(["--network", "sepolia", "--parameters", file]);
      expectPlain(outcome, /markets\[0\]\.risk\.initialMargin: is 2; allowed are 0\.005 to 1/);
      expect(outcome.stderr).to.include(
        "markets[0].liquidation.windowSeconds: is 0 s; allowed are 1 to 3600 s",
      );
    });
  });
});
