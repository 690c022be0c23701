import { resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import {
  CollectStackTraces,
  EdrContext,
  FsAccessPermission,
  L1_CHAIN_TYPE,
  l1GenesisState,
  l1HardforkFromString,
  l1SolidityTestRunnerFactory,
  type SuiteResult,
} from "@nomicfoundation/edr";
import type { Artifact } from "./compile.ts";
import { isSuite, suiteName } from "./suites.ts";

const HARDFORK = "osaka";
/** Enough for the longest test by far; a loop without end stops here. */
const GAS_LIMIT = 4_000_000_000n;
/** Like the project's own tests (hardhat.config.ts), with as much random testing as thousands of runs allow. */
const FUZZ_RUNS = 24;
const INVARIANT_RUNS = 3;
const INVARIANT_DEPTH = 32;
const FUZZ_SEED = "0x5eed";
const PATIENCE_SECONDS = 30;
/** A suite without a test left to run may send no result. */
const LATEST_RESULT_MS = 5_000;

export interface SuiteRun {
  readonly suite: string;
  readonly seconds: number;
  /** What failed, and why. */
  readonly failures: readonly { readonly test: string; readonly reason: string }[];
  readonly tests: number;
}

export interface RunOptions {
  /** What `block.coinbase` is. */
  readonly marker: bigint;
  /** Tests to leave out, as the runner's pattern. */
  readonly except?: string | undefined;
  /** Hears of the ids that instrumented code reports. */
  readonly onReports?: (ids: readonly number[]) => void;
}

/** The project's Solidity tests, run against whatever was compiled. */
export class TestRunner {
  private readonly artifacts: readonly Artifact[];
  private readonly suitesByName: ReadonlyMap<string, Artifact>;
  private readonly context: EdrContext;

  private constructor(artifacts: readonly Artifact[], context: EdrContext) {
    this.artifacts = artifacts;
    this.suitesByName = new Map(
      artifacts.filter(isSuite).map((artifact) => [suiteName(artifact), artifact]),
    );
    this.context = context;
  }

  static async create(artifacts: readonly Artifact[]): Promise<TestRunner> {
    const context = new EdrContext();
    await context.registerSolidityTestRunnerFactory(L1_CHAIN_TYPE, l1SolidityTestRunnerFactory());
    return new TestRunner(artifacts, context);
  }

  async run(
    suites: readonly string[],
    { marker, except, onReports }: RunOptions,
  ): Promise<SuiteRun[]> {
    const ids = suites.map((name) => {
      const artifact = this.suitesByName.get(name);
      if (artifact === undefined) throw new Error(`There is no test suite ${name}`);
      return artifact.id;
    });
    const results: SuiteRun[] = [];
    // Results arrive on their own, some of them after the run has ended.
    const { promise: complete, resolve: allArrived } = Promise.withResolvers<void>();
    await this.context.runSolidityTests(
      L1_CHAIN_TYPE,
      this.artifacts.map(({ id, contract }) => ({ id: { ...id }, contract: { ...contract } })),
      ids,
      {
        projectRoot: resolve("."),
        hardfork: HARDFORK,
        localPredeploys: l1GenesisState(l1HardforkFromString(HARDFORK)),
        blockTimestamp: 1_750_000_000n,
        blockCoinbase: addressOf(marker),
        isolate: true,
        fsPermissions: [{ access: FsAccessPermission.ReadDirectory, path: "test" }],
        gasLimit: GAS_LIMIT,
        disableBlockGasLimit: true,
        disableTransactionGasCap: true,
        fuzz: { runs: FUZZ_RUNS, seed: FUZZ_SEED, timeout: PATIENCE_SECONDS },
        invariant: {
          runs: INVARIANT_RUNS,
          depth: INVARIANT_DEPTH,
          failOnRevert: true,
          shrinkRunLimit: 0,
          timeout: PATIENCE_SECONDS,
        },
        collectStackTraces: CollectStackTraces.OnFailure,
        ...(except === undefined ? {} : { excludeTestPattern: except }),
        ...(onReports === undefined
          ? {}
          : {
              observability: {
                codeCoverage: {
                  onCollectedCoverageCallback: async (hits) => onReports(hits.map(idOf)),
                },
              },
            }),
      },
      { buildInfos: [], ignoreContracts: false },
      (result) => {
        results.push(summary(result));
        if (results.length === ids.length) allArrived();
      },
    );
    await Promise.race([complete, setTimeout(LATEST_RESULT_MS)]);
    return results;
  }
}

function summary({ id, durationNs, testResults }: SuiteResult): SuiteRun {
  const failures = testResults
    .filter(({ status }) => status === "Failure")
    .map(({ name, reason }) => ({ test: name, reason: reason ?? "" }));
  return {
    suite: `${id.source}:${id.name}`,
    seconds: Number(durationNs) / 1e9,
    failures,
    tests: testResults.length,
  };
}

function addressOf(marker: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(marker.toString(16).padStart(40, "0"), "hex"));
}

function idOf(bytes: Uint8Array): number {
  return Number(BigInt(`0x${Buffer.from(bytes).toString("hex")}`));
}
