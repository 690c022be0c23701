import { readFileSync } from "node:fs";
import { expect } from "chai";
import { ContractFactory, Interface, type ParamType, type Signer } from "ethers";
import { artifacts } from "hardhat";
import { deployBreakwater } from "../../deploy/deployBreakwater.ts";
import { readParameters } from "../../deploy/readParameters.ts";
import { Random } from "../../scripts/demo/random.ts";
import { clearingHouseAbi } from "../../sdk/src/abis/ClearingHouse.ts";
import { delayedOrdersAbi } from "../../sdk/src/abis/DelayedOrders.ts";
import { liquidityPoolAbi } from "../../sdk/src/abis/LiquidityPool.ts";
import { replayFeedAbi } from "../../sdk/src/abis/ReplayFeed.ts";
import { testTokenAbi } from "../../sdk/src/abis/TestToken.ts";
import { accountIdOf } from "../../sdk/src/accountId.ts";
import { parseD18 } from "../../sdk/src/amounts.ts";
import { type Manifest, marketOf } from "../../sdk/src/manifest.ts";
import { typedContract } from "../../sdk/src/typedContract.ts";
import { localChain, send } from "../deploy/support.ts";

/** The error with which a function refuses whoever may not call it. */
const refusals = {
  role: "AccessManagedUnauthorized(address)",
  account: "NotAuthorized(uint256,address,uint256)",
  venue: "CallerNotVenue(address)",
  house: "CallerNotHouse(address,address)",
  vault: "CallerNotCreditVault(address)",
  auction: "CallerNotAuction(address)",
  requester: "RequestNotOwned(uint256,address,address)",
};
type Restriction = keyof typeof refusals;

/**
 * Every function of every contract that changes state, and who may call it, as reviewed. `anyone`: without a role, over nobody's account but by
 * its rules. `own`: only what is the caller's own. `signature`: whoever brings the owner's. All others name what they ask for.
 */
const reviewed: Record<string, Record<string, Restriction | "anyone" | "own" | "signature">> = {
  ClearingHouse: {
    deposit: "anyone",
    withdraw: "account",
    setDelegate: "account",
    setDelegateBySignature: "signature",
    settle: "anyone",
    touch: "anyone",
    claimRefunds: "anyone",
    drawCredit: "account",
    repayCredit: "anyone",
    flagCredit: "vault",
    requireCreditMargin: "vault",
    trade: "venue",
    matchOrders: "venue",
    liquidateAgainst: "venue",
    liquidate: "anyone",
    liquidateBatch: "anyone",
    mark: "anyone",
    tearUpPool: "anyone",
    takeOver: "account",
    takeOverWhole: "account",
    resolve: "anyone",
    unwind: "anyone",
    tearUp: "anyone",
    bookLoss: "anyone",
    refreshCoverage: "anyone",
    noteOutage: "anyone",
    windDown: "anyone",
    distribute: "anyone",
    multicall: "anyone",
    listMarket: "role",
    setMarketTerms: "role",
    setMarketMode: "role",
    announceWindDown: "role",
    cancelWindDown: "role",
    setModule: "role",
    setVenue: "role",
    setBackstopShare: "role",
    setAuthority: "role",
  },
  CircuitBreaker: {
    setMode: "role",
    guard: "role",
    halt: "role",
    setBreakerTerms: "role",
    trip: "anyone",
    relax: "anyone",
    sample: "anyone",
    release: "anyone",
    setAuthority: "role",
  },
  RiskSteward: {
    change: "role",
    tighten: "role",
    setLimits: "role",
    setAuthority: "role",
  },
  OracleRouter: {
    observe: "anyone",
    poke: "anyone",
    acceptJump: "role",
    setFeed: "role",
    setSecondary: "role",
    setSequencerFeed: "role",
    setAuthority: "role",
  },
  // No one's: takes what the stream's signers have signed.
  StreamsFeed: { update: "anyone" },
  // No one's: it has no power that a caller could use.
  ReportRelay: { run: "anyone" },
  RiskEngine: {
    setRiskTerms: "role",
    setCoverTerms: "role",
    setAdaptiveTerms: "role",
    setImpliedTerms: "role",
    setCongestionTerms: "role",
    raiseRegime: "role",
    refresh: "anyone",
    setAuthority: "role",
  },
  LiquidationEngine: { setLiquidationTerms: "role", setAuctionTerms: "role", setAuthority: "role" },
  LossWaterfall: {
    absorb: "house",
    setInsuranceTerms: "role",
    setTierTerms: "role",
    setSplitTerms: "role",
    setHouseEpochCap: "role",
    setAuthority: "role",
  },
  InsuranceFund: { donate: "own" },
  ReserveVault: {
    deposit: "own",
    mint: "own",
    redeem: "own",
    withdraw: "own",
    requestCooldown: "own",
    approve: "own",
    transfer: "own",
    transferFrom: "own",
  },
  CreditVault: {
    deposit: "own",
    mint: "own",
    withdraw: "own",
    redeem: "own",
    approve: "own",
    transfer: "own",
    transferFrom: "own",
    depositCollateral: "account",
    withdrawCollateral: "account",
    repay: "own",
    writeOff: "anyone",
    accrue: "anyone",
    drawFor: "house",
    repayFor: "house",
    bearDeficit: "house",
    sell: "auction",
    setCollateralTerms: "role",
    setRateTerms: "role",
    setAuction: "role",
    setAuthority: "role",
  },
  CollateralAuction: { start: "anyone", take: "own" },
  DelayedOrders: {
    commit: "account",
    cancel: "account",
    execute: "anyone",
    executeBatch: "anyone",
    removeExpired: "anyone",
    multicall: "anyone",
    setOrderTerms: "role",
    setAuthority: "role",
  },
  SignedOrders: {
    fill: "account",
    fillPair: "signature",
    liquidate: "signature",
    cancelNonces: "account",
    raiseMinNonce: "account",
    multicall: "anyone",
  },
  LiquidityPool: {
    requestDeposit: "own",
    requestRedemption: "own",
    cancelDeposit: "requester",
    claim: "anyone",
    processDeposit: "anyone",
    processRedemptions: "anyone",
    approve: "own",
    transfer: "own",
    transferFrom: "own",
  },
  BackstopPool: {
    deposit: "own",
    mint: "own",
    redeem: "own",
    withdraw: "own",
    requestCooldown: "own",
    take: "anyone",
    unwind: "anyone",
    checkpoint: "anyone",
    approve: "own",
    transfer: "own",
    transferFrom: "own",
    setBackstopTerms: "role",
    setMaxLeverage: "role",
    setAuthority: "role",
  },
  Lens: {},
  DefaultLens: {},
  LiquidationMap: { note: "anyone" },
  OffsetRiskEngine: { setGroup: "role", setCorrelation: "role", setAuthority: "role" },
};

/** Contracts of the system that are deployed by themselves: neither interfaces, libraries nor mocks. */
async function systemContracts(): Promise<Map<string, Interface>> {
  const found = new Map<string, Interface>();
  for (const name of await artifacts.getAllFullyQualifiedNames()) {
    if (!name.startsWith("contracts/") || name.startsWith("contracts/mocks/")) continue;
    const { abi, contractName, sourceName } = await artifacts.readArtifact(name);
    const isContract = new RegExp(`^contract ${contractName}\\b`, "m");
    if (isContract.test(readFileSync(sourceName, "utf8")))
      found.set(contractName, new Interface(abi));
  }
  return found;
}

function changing(abi: Interface): string[] {
  const names: string[] = [];
  abi.forEachFunction(({ constant, name }) => {
    if (!constant) names.push(name);
  });
  return names.sort();
}

/** Where things are, and whose they are. */
interface House {
  readonly manifest: Manifest;
  readonly victim: bigint;
  readonly victimAddress: string;
  /** A feed of signed reports, of a stream that nobody has signed a report of. */
  readonly streamsFeed: string;
  readonly offsetEngine: string;
}

const addressesOf = ({ manifest, streamsFeed, offsetEngine }: House): Record<string, string> => ({
  ClearingHouse: manifest.contracts.clearingHouse,
  CircuitBreaker: manifest.contracts.circuitBreaker,
  RiskSteward: manifest.contracts.riskSteward,
  OracleRouter: manifest.contracts.oracleRouter,
  RiskEngine: manifest.contracts.riskEngine,
  LiquidationEngine: manifest.contracts.liquidationEngine,
  LossWaterfall: manifest.contracts.lossWaterfall,
  InsuranceFund: manifest.contracts.insuranceFund,
  ReserveVault: manifest.contracts.reserveVault,
  CreditVault: manifest.contracts.creditVault,
  CollateralAuction: manifest.contracts.collateralAuction,
  BackstopPool: manifest.contracts.backstopPool,
  DelayedOrders: manifest.contracts.delayedOrders,
  SignedOrders: manifest.contracts.signedOrders,
  LiquidityPool: marketOf(manifest, "ETH").pool,
  Lens: manifest.contracts.lens,
  DefaultLens: manifest.contracts.defaultLens,
  ReportRelay: manifest.contracts.reportRelay,
  StreamsFeed: streamsFeed,
  OffsetRiskEngine: offsetEngine,
  LiquidationMap: manifest.contracts.liquidationMap,
});

/** An argument that aims at the victim wherever it can: its account, its address, its orders and requests, which are the first. */
function aim(random: Random, type: ParamType, house: House, caller: string): unknown {
  if (type.arrayChildren !== null) {
    const child = type.arrayChildren;
    const length =
      type.arrayLength === null || type.arrayLength < 0 ? random.below(3) : type.arrayLength;
    return Array.from({ length }, () => aim(random, child, house, caller));
  }
  if (type.components !== null) {
    return type.components.map((component) => aim(random, component, house, caller));
  }
  if (/^(account|accounts|losers|taker)$/.test(type.name)) return house.victim;
  if (type.name === "keeper") return accountIdOf(caller);
  if (type.type === "uint256" && type.name === "") return house.victim;
  if (type.type === "address") return random.below(2) === 0 ? caller : house.victimAddress;
  if (type.type === "bool") return random.below(2) === 0;
  if (type.type === "string") return "";
  if (type.type === "bytes") return "0x";
  const bytes = /^bytes(\d+)$/.exec(type.type);
  if (bytes !== null) return `0x${"72".repeat(Number(bytes[1]))}`;
  const bits = Number(/\d+$/.exec(type.type)?.[0] ?? 256);
  const candidates = [1n, 0n, 2n, 1_000_000n, 10n ** 18n].filter((n) => n < 1n << BigInt(bits - 1));
  return candidates[random.below(candidates.length)] ?? 0n;
}

describe("P1: every function of every contract with random callers (AUTH-1)", () => {
  let house: House;
  let strangers: readonly Signer[] = [];
  let abis = new Map<string, Interface>();
  let observe: () => Promise<readonly bigint[]>;

  before(async function () {
    this.timeout(300_000);
    const { provider, reader, deployer, governor, guardian, trader } = await localChain();
    const local = await readParameters("local");
    const manifest = await deployBreakwater({
      provider,
      parameters: {
        ...local,
        roles: {
          governor: governor.address,
          governorDelaySeconds: 0,
          guardian: guardian.address,
          steward: guardian.address,
          forecaster: null,
        },
      },
      deployer: deployer.address,
    });
    const { contracts } = manifest;
    const market = marketOf(manifest, "ETH");
    const token = typedContract(testTokenAbi, contracts.token, reader);
    const ledger = typedContract(clearingHouseAbi, contracts.clearingHouse, reader);
    const orders = typedContract(delayedOrdersAbi, contracts.delayedOrders, reader);
    const pool = typedContract(liquidityPoolAbi, market.pool, reader);
    const feed = typedContract(replayFeedAbi, market.feed.replay ?? "", reader);
    const push = (price: bigint) => send(deployer, feed, "push", [price * 10n ** 8n]);

    const native = 1_000_000n * 10n ** 6n;
    await send(deployer, token, "mint", [deployer.address, native]);
    await send(deployer, token, "approve", [market.pool, native]);
    await send(deployer, pool, "requestDeposit", [native, 2n ** 128n - 1n]);
    await reader.send("evm_increaseTime", [3_600]);
    await push(2_000n);
    await send(deployer, pool, "processDeposit", [1n]);

    await send(deployer, token, "mint", [deployer.address, native]);
    await send(deployer, token, "approve", [contracts.clearingHouse, native]);
    await send(deployer, ledger, "deposit", [accountIdOf(contracts.insuranceFund), native]);

    const victim = accountIdOf(trader.address);
    await send(trader, token, "mint", [trader.address, 30_000n * 10n ** 6n]);
    await send(trader, token, "approve", [contracts.clearingHouse, native]);
    await send(trader, token, "approve", [market.pool, native]);
    await send(trader, ledger, "deposit", [victim, 10_000n * 10n ** 6n]);
    await send(trader, ledger, "setDelegate", [victim, contracts.delayedOrders, 1n]);
    const order = async (trigger: bigint, triggerPrice: string) => {
      const latest = await reader.getBlock("latest");
      await send(trader, orders, "commit", [
        {
          account: victim,
          market: BigInt(market.id),
          sizeDelta: parseD18("10"),
          limitPrice: parseD18("3100"),
          reduceOnly: false,
          trigger,
          triggerPrice: parseD18(triggerPrice),
          keeperFeeUsd: parseD18("1"),
          expiry: BigInt(latest?.timestamp ?? 0) + 86_400n,
        },
      ]);
    };
    await order(0n, "0");
    await push(2_010n);
    await send(deployer, orders, "execute", [1n, accountIdOf(deployer.address)]);
    // A stop that the price does not reach, and a deposit that waits.
    await order(1n, "3000");
    await send(trader, pool, "requestDeposit", [10_000n * 10n ** 6n, 2n ** 128n - 1n]);

    const { abi, bytecode } = await artifacts.readArtifact("StreamsFeed");
    const feedFactory = new ContractFactory([...abi], bytecode, deployer);
    const stream = `0x0003${"00".repeat(30)}`;
    const reports = await feedFactory.deploy(contracts.token, stream, 18, 10, "none");
    await reports.waitForDeployment();
    const streamsFeed = await reports.getAddress();

    const engine = await artifacts.readArtifact("OffsetRiskEngine");
    const engineFactory = new ContractFactory([...engine.abi], engine.bytecode, deployer);
    const offsets = await engineFactory.deploy(contracts.accessManager, contracts.riskEngine);
    await offsets.waitForDeployment();
    const offsetEngine = await offsets.getAddress();

    house = { manifest, victim, victimAddress: trader.address, streamsFeed, offsetEngine };
    // The deployer has handed its powers over: it is a stranger like any other.
    strangers = [deployer, await reader.getSigner(7)];
    abis = await systemContracts();
    observe = async () => {
      const { cashUsd, depositUsd, heldUsd } = await ledger.call("accountOf", [victim]);
      const { size, quote } = await ledger.call("positionOf", [victim, BigInt(market.id)]);
      const powers = await Promise.all(
        [contracts.delayedOrders, ...strangers.map((signer) => signer.getAddress())].map(
          async (delegate) => ledger.call("powersOf", [victim, await delegate]),
        ),
      );
      const tokens = await token.call("balanceOf", [trader.address]);
      const request = await pool.call("depositRequestOf", [2n]);
      const waiting = await orders.call("orderOf", [2n]);
      const committedAt = waiting.committedAt;
      // Anybody may settle what has been lost for long enough: it moves from quote leg to cash, and is not gone.
      return [
        cashUsd + quote,
        depositUsd,
        heldUsd,
        size,
        ...powers,
        tokens,
        request.amountNative,
        committedAt,
      ];
    };
  });

  it("lists every function that changes state", () => {
    expect([...abis.keys()].sort()).to.deep.equal(Object.keys(reviewed).sort());
    for (const [contract, abi] of abis) {
      expect(changing(abi), contract).to.deep.equal(Object.keys(reviewed[contract] ?? {}).sort());
    }
  });

  it("refuses random callers whatever is not for them, with the error that says so", async () => {
    const random = new Random(11n);
    for (const [contract, functions] of Object.entries(reviewed)) {
      const abi = abis.get(contract);
      const to = addressesOf(house)[contract];
      for (const [name, who] of Object.entries(functions)) {
        if (who === "anyone" || who === "own" || who === "signature") continue;
        for (const caller of strangers) {
          const from = await caller.getAddress();
          const fragment = abi?.getFunction(name);
          if (abi === undefined || fragment === undefined || fragment === null) {
            throw new Error(`${contract} has no ${name}`);
          }
          const inputs = fragment.inputs.map((type) =>
            // The victim's second request and order wait.
            /^(id|orderId)$/.test(type.name) ? 2n : aim(random, type, house, from),
          );
          const data = abi.encodeFunctionData(fragment, inputs);
          const reason = await revertDataOf(caller, { to: to ?? "", data });
          const selector = Interface.from([`error ${refusals[who]}`]).getError(
            refusals[who],
          )?.selector;
          expect(reason.slice(0, 10), `${contract}.${name} by ${from}`).to.equal(selector);
        }
      }
    }
  });

  it("lets nobody move the victim's money, position, powers or orders", async () => {
    const random = new Random(12n);
    const before = await observe();
    let done = 0;
    for (let round = 0; round < 6; round++) {
      for (const [contract, functions] of Object.entries(reviewed)) {
        const abi = abis.get(contract);
        for (const name of Object.keys(functions)) {
          const caller = strangers[random.below(strangers.length)];
          const fragment = abi?.getFunction(name);
          if (!abi || !caller || !fragment) throw new Error(`${contract} has no ${name}`);
          const from = await caller.getAddress();
          const inputs = fragment.inputs.map((type) => aim(random, type, house, from));
          const data = abi.encodeFunctionData(fragment, inputs);
          const to = addressesOf(house)[contract] ?? "";
          const reason = await revertDataOf(caller, { to, data });
          if (reason !== "") continue;
          await (await caller.sendTransaction({ to, data, gasLimit: 10_000_000n })).wait();
          done++;
        }
      }
    }
    expect(done).to.be.greaterThan(50);
    expect(await observe()).to.deep.equal(before);
  });
});

/** The data a call reverts with; "" when it does not. */
async function revertDataOf(
  caller: Signer,
  { to, data }: { to: string; data: string },
): Promise<string> {
  try {
    await caller.call({ to, data, gasLimit: 10_000_000n });
    return "";
  } catch (error) {
    const seen = JSON.stringify(error, (_, value: unknown) =>
      typeof value === "bigint" ? value.toString() : value,
    );
    const found = /"data":"(0x[0-9a-f]{8,})"/.exec(seen)?.[1];
    return found ?? "0x";
  }
}
