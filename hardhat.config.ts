import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import hardhatToolboxMochaEthers from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { configVariable, defineConfig } from "hardhat/config";
import { abiGenerator } from "./scripts/abis/plugin.ts";
import { PACKAGE_FILES } from "./scripts/instrument/sources.ts";

/** The compiler comes from npm, so a build downloads nothing. Hardhat wants its absolute path. */
const solcPath = fileURLToPath(import.meta.resolve("solc/soljson.js"));

/** What is deployed: every size and gas figure is measured at these settings. */
const production = {
  version: "0.8.37",
  path: solcPath,
  settings: {
    viaIR: true,
    optimizer: { enabled: true, runs: 200 },
    // The oldest rules every supported network has: transient storage and MCOPY, nothing newer.
    evmVersion: "cancun",
  },
};

/**
 * Tests deploy what they test by name, as it was built for production; their own code is compiled twenty times as fast without optimizing it. That leaves a
 * function room for few variables: one that holds too many is split.
 */
const unoptimized = {
  version: production.version,
  path: solcPath,
  settings: { optimizer: { enabled: false }, evmVersion: production.settings.evmVersion },
};

const testSources = globSync("test/**/*.sol", { cwd: import.meta.dirname }).map((file) =>
  file.replaceAll("\\", "/"),
);

const quickTests = {
  compilers: [production],
  overrides: Object.fromEntries(testSources.map((file) => [file, unoptimized])),
};

/** Where the runner writes inputs and sequences that failed; they belong into the repository, beside a named regression test. */
const corpus = (kind: string) => fileURLToPath(new URL(`test/corpus/${kind}`, import.meta.url));

/** Depth of random testing: quick every day; `--test-profile ci` or `long` go further. Seeds are fixed. */
function solidityTests(fuzzRuns: number, invariantRuns: number, invariantDepth: number) {
  return {
    // A realistic clock: at the runner's own start, second 1, every heartbeat and grace period underflows.
    blockTimestamp: 1_750_000_000n,
    // Each call a test makes is a transaction of its own, as on a chain: transient storage ends with it, and slots are cold again.
    isolate: true,
    fsPermissions: { readDirectory: ["test"] },
    // What once failed is kept, and tried before anything new.
    fuzz: { runs: fuzzRuns, failurePersistDir: corpus("fuzz") },
    // A handler may not revert: it bounds its inputs, and catches and counts the refusals it provokes.
    invariant: {
      runs: invariantRuns,
      depth: invariantDepth,
      failOnRevert: true,
      failurePersistDir: corpus("invariant"),
    },
  };
}

/** One external network: its RPC URL and deployer key come from the environment or the keystore. */
function externalNetwork(prefix: string, chainId: number, chainType: "l1" | "op" | "generic") {
  return {
    type: "http" as const,
    chainType,
    chainId,
    url: configVariable(`${prefix}_RPC_URL`),
    accounts: [configVariable(`${prefix}_PRIVATE_KEY`)],
  };
}

export default defineConfig({
  plugins: [hardhatToolboxMochaEthers, abiGenerator],
  paths: {
    sources: "contracts",
    tests: { solidity: "test", mocha: "test" },
    ignition: "deploy",
  },
  solidity: {
    profiles: { default: quickTests, production: quickTests },
    npmFilesToBuild: [...PACKAGE_FILES],
  },
  test: {
    solidity: {
      profiles: {
        default: solidityTests(256, 64, 64),
        ci: solidityTests(10_000, 1_000, 64),
        long: solidityTests(100_000, 10_000, 128),
      },
    },
    mocha: { timeout: 120_000 },
  },
  typechain: { outDir: "types/ethers", tsNocheck: true },
  networks: {
    localhost: { type: "http", chainType: "l1", url: "http://127.0.0.1:8545", chainId: 31337 },
    sepolia: externalNetwork("SEPOLIA", 11155111, "l1"),
    baseSepolia: externalNetwork("BASE_SEPOLIA", 84532, "op"),
    arbitrumSepolia: externalNetwork("ARBITRUM_SEPOLIA", 421614, "generic"),
  },
});
