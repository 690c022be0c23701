import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import {
  configSchema,
  flagOf,
  settingNames,
  variableOf,
} from "../../keepers/src/config/configSchema.ts";
import {
  ConfigError,
  loadConfig,
  loadStatusPlace,
  takeOverTermsOf,
} from "../../keepers/src/config/loadConfig.ts";
import { censorOf, endpointLabel } from "../../keepers/src/config/secrets.ts";
import { parseAccountId } from "../../sdk/src/accountId.ts";
import { parseD18 } from "../../sdk/src/amounts.ts";

const KEY = `0x${"ab".repeat(32)}`;
const MINIMAL = { manifest: "m.json", rpcUrls: "http://127.0.0.1:8545" };

function problemsOf(sources: Partial<Parameters<typeof loadConfig>[0]>): readonly string[] {
  try {
    loadConfig({ flags: {}, environment: {}, file: undefined, ...sources });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("settings", () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "keeper-config-"));
  });
  after(() => rmSync(directory, { recursive: true }));

  function fileWith(text: string): string {
    const file = join(directory, "config.json");
    writeFileSync(file, text);
    return file;
  }

  it("are all named at once when several are wrong, each with what to do", () => {
    const problems = problemsOf({
      flags: { pollIntervalMs: "soon", rpcUrls: "ws://node" },
      environment: { BREAKWATER_PRIVATE_KEY: "0x12", BREAKWATER_PAGE_SIZE: "101" },
    });
    expect(problems).to.have.length(5);
    expect(problems).to.include(
      'manifest: missing. Give --manifest, BREAKWATER_MANIFEST, or "manifest" in the --config file',
    );
    expect(problems).to.include("rpcUrls (--rpc-urls): must be an http:// or https:// URL");
    expect(problems).to.include(
      "pollIntervalMs (--poll-interval-ms): must be a whole number from 5 to 60000",
    );
    expect(problems).to.include(
      "pageSize (BREAKWATER_PAGE_SIZE): must be a whole number from 1 to 100",
    );
    expect(problems.some((problem) => problem.includes("0x12"))).to.equal(false);
  });

  it("of take-overs belong together, and unloading costs less than taking over gives", () => {
    const account = `0x${"11".repeat(20)}/1`;
    expect(problemsOf({ flags: { ...MINIMAL, takeOverAccount: account } })).to.deep.equal([
      'takeOverMaxInventoryUsd: takeOverAccount needs it. Give --take-over-max-inventory-usd, BREAKWATER_TAKE_OVER_MAX_INVENTORY_USD, or "takeOverMaxInventoryUsd" in the --config file',
    ]);
    const dear = { takeOverMinDiscountRate: "0.001", takeOverUnloadCostRate: "0.001" };
    expect(problemsOf({ flags: { ...MINIMAL, ...dear } })).to.deep.equal([
      "takeOverUnloadCostRate: must be below takeOverMinDiscountRate, 0.001; otherwise what was taken over is sold at a loss",
    ]);
    expect(problemsOf({ flags: { ...MINIMAL, takeOverMinDiscountRate: "2" } })).to.deep.equal([
      "takeOverMinDiscountRate (--take-over-min-discount-rate): must be above 0 and below 1 (0.002 is 0.2 %)",
    ]);
    const file = fileWith(
      JSON.stringify({
        ...MINIMAL,
        takeOverAccount: account,
        takeOverMaxInventoryUsd: "5000",
      }),
    );
    const config = loadConfig({ flags: {}, environment: {}, file });
    expect(takeOverTermsOf(config)).to.deep.equal({
      account: parseAccountId(account),
      maxInventoryUsd: parseD18("5000"),
      minDiscountRate: parseD18("0.002"),
      unloadCostRate: parseD18("0.001"),
    });
    expect(
      takeOverTermsOf(loadConfig({ flags: MINIMAL, environment: {}, file: undefined })),
    ).to.equal(null);
  });

  it("of collateral belong together", () => {
    const collateralAccount = `0x${"11".repeat(20)}`;
    expect(problemsOf({ flags: { ...MINIMAL, collateralAccount } })).to.deep.equal([
      'collateralBudgetUsd: collateralAccount needs it. Give --collateral-budget-usd, BREAKWATER_COLLATERAL_BUDGET_USD, or "collateralBudgetUsd" in the --config file',
    ]);
    const contradiction = { collateral: "false", collateralBudgetUsd: "5" };
    expect(problemsOf({ flags: { ...MINIMAL, ...contradiction } })).to.deep.equal([
      "collateralBudgetUsd: collateral is false; leave one of the two away",
    ]);
    const given = { collateralAccount, collateralBudgetUsd: "5000" };
    const config = loadConfig({
      flags: { ...MINIMAL, ...given },
      environment: {},
      file: undefined,
    });
    expect(config.collateralBudgetUsd).to.equal(parseD18("5000"));
    expect(config.collateralAccount).to.equal(collateralAccount);
  });

  it("come from flags before the environment, and from the environment before the file", () => {
    const file = fileWith(JSON.stringify({ ...MINIMAL, batchSize: 1, pageSize: 1, logRange: 1 }));
    const config = loadConfig({
      flags: { batchSize: "3" },
      environment: { BREAKWATER_BATCH_SIZE: "2", BREAKWATER_PAGE_SIZE: "2" },
      file,
    });
    expect([config.batchSize, config.pageSize, config.logRange]).to.deep.equal([3, 2, 1]);
  });

  it("are exact: gwei become wei, dollars D18, excess decimals are refused", () => {
    const config = loadConfig({
      flags: { ...MINIMAL, maxFeeGwei: "1.5", settleAboveUsd: "0.25" },
      environment: {},
      file: undefined,
    });
    expect(config.maxFeeGwei).to.equal(1_500_000_000n);
    expect(config.settleAboveUsd).to.equal(25n * 10n ** 16n);
    const [problem] = problemsOf({ flags: { ...MINIMAL, maxFeeGwei: "0.0000000001" } });
    expect(problem).to.contain("maxFeeGwei (--max-fee-gwei)").and.to.contain("9");
  });

  it("that do not exist are refused, with the nearest that does", () => {
    const file = fileWith(JSON.stringify({ ...MINIMAL, pollInterval: 5 }));
    const problems = problemsOf({ file, environment: { BREAKWATER_RPC_URL: "http://x" } });
    expect(problems).to.have.length(2);
    expect(problems.join("\n")).to.contain('did you mean "pollIntervalMs"?');
    expect(problems.join("\n")).to.contain("did you mean BREAKWATER_RPC_URLS?");
  });

  it("that contradict each other are refused", () => {
    const problems = problemsOf({
      flags: { ...MINIMAL, minProfitUsd: "1", maxFeeGwei: "1", priorityFeeGwei: "2" },
    });
    expect(problems).to.have.length(2);
    expect(problems[0]).to.match(/^nativeTokenUsd: minProfitUsd needs it/);
    expect(problems[1]).to.match(/^priorityFeeGwei/);
  });

  it("in a file that is no JSON are refused without quoting it", () => {
    const [problem] = problemsOf({ file: fileWith(`{ "privateKey": ${KEY} }`) });
    expect(problem).to.contain("is not JSON").and.not.to.contain(KEY.slice(4, 12));
  });

  it("take the key from a file, and say nothing of a wrong one", () => {
    const keyFile = join(directory, "key");
    writeFileSync(keyFile, `${KEY}\n`);
    const sources = {
      flags: { ...MINIMAL, privateKeyFile: keyFile },
      environment: {},
      file: undefined,
    };
    expect(loadConfig(sources).privateKey).to.equal(KEY);
    writeFileSync(keyFile, "hunter2");
    const [problem] = problemsOf(sources);
    expect(problem).to.contain("privateKeyFile").and.not.to.contain("hunter2");
  });

  it("of a keeper to be asked need neither chain nor key", () => {
    const place = loadStatusPlace({ flags: { port: "9000" }, environment: {}, file: undefined });
    expect(place.port).to.equal(9000);
  });

  it("each have a flag or a variable of their own and a description", () => {
    expect(flagOf("privateKey")).to.equal(null);
    expect(flagOf("pollIntervalMs")).to.equal("--poll-interval-ms");
    expect(new Set(settingNames.map(variableOf)).size).to.equal(settingNames.length);
    for (const [name, field] of Object.entries(configSchema.shape)) {
      expect(field.description, name).to.match(/^[A-Z]/);
    }
  });
});

describe("censoring", () => {
  it("removes keys wherever they appear: plain, in URLs, decoded", () => {
    const url = "https://user:s3cretpass@node.example/v3/0123456789abcdef?key=a%2Bb%2Bc%2Bd%2Be";
    const censor = censorOf({ rpcUrls: [url], privateKey: KEY });
    const text = `${url} ${KEY} ${KEY.slice(2)} a+b+c+d+e`;
    const censored = censor(text);
    for (const secret of ["s3cretpass", "0123456789abcdef", KEY.slice(2), "a+b+c+d+e"]) {
      expect(censored).not.to.contain(secret);
    }
    expect(censored).to.contain("node.example");
    expect(endpointLabel(url)).to.equal("node.example");
  });
});
