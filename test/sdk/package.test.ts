import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { expect } from "chai";
import { HDNodeWallet } from "ethers";
import { type PackedSdk, packSdk } from "../../scripts/sdk/packSdk.ts";
import { clearingHouseAbi } from "../../sdk/src/abis/ClearingHouse.ts";
import { accountIdOf } from "../../sdk/src/accountId.ts";
import { parseD18, parseDecimal } from "../../sdk/src/amounts.ts";
import { contractsOf } from "../../sdk/src/contracts.ts";
import { historyOf } from "../../sdk/src/history.ts";
import { send } from "../../sdk/src/send.ts";
import { type LocalHouse, startLocalHouse } from "../keepers/support/localHouse.ts";

/** The phrase of every development chain: its accounts have ether and nobody's money. */
const PHRASE = "test test test test test test test test test test test junk";
const PENNILESS = 4;
const TRADER = 5;
const VISITING = 6;

/** Somebody who opens the example's page in a browser with one wallet, and uses it. */
const VISITOR = "scripts/sdk/visitor.mjs";

/** What users of other libraries rely on: literal types of the ABIs, and declarations that compile on their own. */
const CONSUMER = `
import { clearingHouseAbi } from "breakwater-sdk/abis/ClearingHouse";
import { parseD18 } from "breakwater-sdk/amounts";
import { contractsOf } from "breakwater-sdk/contracts";
import { explainError } from "breakwater-sdk/errors";
import type { Manifest } from "breakwater-sdk/manifest";
import { previewMargin } from "breakwater-sdk/preview/margin";

type Deposit = Extract<(typeof clearingHouseAbi)[number], { type: "function"; name: "deposit" }>;
export const mutability: "nonpayable" = null! as Deposit["stateMutability"];
export const size: bigint = parseD18("2");
export const hint: string | undefined = explainError(new Error("why")).hint;
export async function cashOf(manifest: Manifest, account: bigint): Promise<bigint> {
  const { lens } = contractsOf(manifest, { call: async () => "0x" });
  const { state } = await lens.call("accountReport", [account]);
  return state.cashUsd;
}
export const health: (typeof previewMargin extends (...given: never[]) => infer R ? R : never)["health"] = 1n;
// @ts-expect-error An argument is missing.
contractsOf(null! as Manifest, null!).clearingHouse.transaction("deposit", [1n]);
`;

interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, args: readonly string[], cwd: string): Promise<Outcome> {
  return new Promise((settle) => {
    execFile(command, [...args], { cwd, timeout: 60_000 }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : Number(error.code ?? 1);
      settle({ exitCode, stdout, stderr });
    });
  });
}

/** The first block of code of that language in the package's own README. */
function codeOf(readme: string, language: string): string {
  const code = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(readme)?.[1];
  if (code === undefined) throw new Error(`The README has no ${language} code`);
  return code;
}

describe("npm run pack:sdk", function () {
  this.timeout(180_000);
  let directory: string;
  let packed: PackedSdk;
  let installed: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "breakwater-sdk-"));
    packed = await packSdk(join(directory, "packed"));
    // As npm would lay it out, without asking the registry: the package, and beside it what it declares to need.
    const modules = join(directory, "node_modules");
    installed = join(modules, "breakwater-sdk");
    await mkdir(installed, { recursive: true });
    const unpacked = await run(
      "tar",
      ["-xzf", packed.tarball, "--strip-components=1", "-C", installed],
      directory,
    );
    expect(unpacked.stderr).to.equal("");
    for (const name of Object.keys(packageOf(installed).dependencies)) {
      await symlink(resolve("node_modules", name), join(modules, name));
    }
  });

  after(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it("holds JavaScript, declarations and its own manual, of the SDK only", () => {
    expect(packed.files).to.include.members([
      "LICENSE",
      "README.md",
      "package.json",
      "dist/abis/ClearingHouse.js",
      "dist/abis/ClearingHouse.d.ts",
      "dist/errors.js",
      "dist/preview/margin.js",
    ]);
    for (const file of packed.files) {
      expect(file).to.match(
        /^(LICENSE|README\.md|package\.json|dist\/[\w/]+(?<!Harness|Hostile\w*)\.(js|d\.ts))$/,
      );
    }
  });

  it("imports its own files, Node, and what it declares", () => {
    const declared = Object.keys(packageOf(installed).dependencies);
    const imported = packed.files
      .filter((file) => file.endsWith(".js"))
      .flatMap((file) => {
        const text = readFileSync(join(installed, file), "utf8");
        return [...text.matchAll(/^(?:import|export)\s(?:[^"'=]*\sfrom\s)?["']([^"']+)["']/gm)];
      })
      .map(([, path = ""]) => path);
    expect(imported.length).to.be.greaterThan(100);
    for (const path of imported) {
      const isOwn = path.startsWith(".") && path.endsWith(".js");
      expect(isOwn || path.startsWith("node:") || declared.includes(path), path).to.equal(true);
    }
    expect(declared.filter((name) => !imported.includes(name))).to.deep.equal([]);
  });

  it("compiles in a project of its own, ABIs with literal types", async () => {
    await writeFile(join(directory, "consumer.mts"), CONSUMER);
    const options = "--noEmit --strict --target es2022 --module nodenext".split(" ");
    const tsc = resolve("node_modules/typescript/bin/tsc");
    const { exitCode, stdout } = await run(
      process.execPath,
      [tsc, ...options, "--skipLibCheck", "consumer.mts"],
      directory,
    );
    expect(stdout).to.equal("");
    expect(exitCode).to.equal(0);
  });

  describe("the examples", () => {
    let house: LocalHouse;
    const walletOf = (index: number) =>
      HDNodeWallet.fromPhrase(PHRASE, undefined, `m/44'/60'/0'/0/${index}`);
    const play = (index: number) =>
      run(
        process.execPath,
        ["first-trade.mjs", house.url, walletOf(index).privateKey, house.manifestFile],
        directory,
      );

    async function give(owner: string, usd: string): Promise<void> {
      const { provider, manifest } = house;
      const faucet = await provider.getSigner(0);
      const amountNative = parseDecimal(usd, manifest.token.decimals);
      await send(faucet, contractsOf(manifest, provider).token, "mint", [owner, amountNative]);
    }

    /** What the run comes to while a keeper executes the next order that is committed. */
    async function whileExecuting(run: Promise<Outcome>): Promise<Outcome> {
      const { provider, manifest } = house;
      const { delayedOrders } = contractsOf(manifest, provider);
      const keeper = await provider.getSigner(0);
      const orderId = await delayedOrders.call("nextOrderId", []);
      let ended = false;
      const outcome = run.finally(() => {
        ended = true;
      });
      while (!ended && (await delayedOrders.call("nextOrderId", [])) === orderId) {
        await new Promise((wait) => setTimeout(wait, 100));
      }
      if (!ended) {
        await house.publish("2001");
        await send(keeper, delayedOrders, "execute", [orderId, accountIdOf(keeper.address)]);
      }
      return await outcome;
    }

    before(async () => {
      house = await startLocalHouse();
      const files = ["examples/browser/index.html", "examples/browser/page.mjs", VISITOR];
      for (const file of files) await copyFile(file, join(directory, basename(file)));
      const readme = readFileSync(join(installed, "README.md"), "utf8");
      await writeFile(join(directory, "first-trade.mjs"), codeOf(readme, "js"));
    });

    after(async () => {
      await house.close();
    });

    it("first trade: says what is missing, and what to do, when the wallet is empty", async () => {
      const { exitCode, stderr } = await play(PENNILESS);
      expect(exitCode).to.equal(1);
      const { address } = walletOf(PENNILESS);
      expect(stderr).to.include(
        `RefusedError: ${address} has 0 of the token, not 10000000000. Make sure that the payer holds the token`,
      );
    });

    it("first trade: deposits, trades by an order that a keeper executes, and reads the account's health", async () => {
      const { provider, manifest } = house;
      const { clearingHouse } = contractsOf(manifest, provider);
      const trader = walletOf(TRADER).address;
      await give(trader, "10000");

      const script = whileExecuting(play(TRADER));
      const { exitCode, stdout, stderr } = await script;
      expect(stderr).to.equal("");
      expect(exitCode).to.equal(0);
      expect(stdout).to.match(/^holds 2 ETH, health \d+\.\d+, equity 9{3}\d\.\d+ USD\n$/);
      const account = accountIdOf(trader);
      const position = await clearingHouse.call("positionOf", [account, 0n]);
      expect(position.size).to.equal(parseD18("2"));

      const asked = { abi: clearingHouseAbi, contract: clearingHouse, provider };
      const range = { fromBlock: manifest.startBlock, toBlock: await provider.getBlockNumber() };
      const history = await historyOf(asked, { account, ...range });
      const events = history.map(({ event }) => event.name);
      expect(events.slice(0, 2)).to.deep.equal(["Deposited", "DelegateSet"]);
      expect(events).to.include("Traded");
    });

    it("browser: finds what the page's import map names", async () => {
      const html = readFileSync(join(directory, "index.html"), "utf8");
      const map = /<script type="importmap">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? "";
      const { imports } = JSON.parse(map);
      expect(Object.keys(imports)).to.have.members(["ethers", "zod", "breakwater-sdk/"]);
      for (const target of Object.values<string>(imports)) {
        expect(existsSync(join(directory, target)), target).to.equal(true);
      }
    });

    it("browser: connects a wallet that announces itself, previews, deposits and trades", async () => {
      const { address } = walletOf(VISITING);
      await give(address, "1000");
      const { exitCode, stdout, stderr } = await whileExecuting(
        run(process.execPath, ["visitor.mjs", house.url, address, house.manifestFile], directory),
      );
      expect(stderr).to.equal("");
      expect(exitCode).to.equal(0);
      const shown: string[] = stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      expect(shown).to.have.length(8);
      expect(shown[0]).to.equal("Connect a wallet first");
      expect(shown[1]).to.match(/In the wallet 1000 tUSD, in the house 0 USD\nHolds 0 ETH$/);
      expect(shown[2]).to.match(/19 decimals; at most 18/);
      expect(shown[3]).to.match(/^Price 20\d\d\.\d+ USD, fee 0\.\d+ USD\n/);
      expect(shown[4]).to.match(/has 1000000000 of the token, not 1000000000000\. Make sure/);
      expect(shown[5]).to.match(/In the wallet 0 tUSD, in the house 1000 USD/);
      expect(shown[6]).to.match(/^Committed/);
      expect(shown[7]).to.match(/Holds 0\.5 ETH, health \d+\.\d+$/);
    });
  });
});

function packageOf(folder: string): { readonly dependencies: Readonly<Record<string, string>> } {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
