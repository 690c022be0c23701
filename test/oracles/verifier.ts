import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  AbiCoder,
  type BaseContract,
  Contract,
  ContractFactory,
  concat,
  hexlify,
  type JsonFragment,
  keccak256,
  type Signer,
  SigningKey,
  Wallet,
  ZeroAddress,
} from "ethers";
import solc from "solc";

const PACKAGES = "node_modules";
const FEEDS = "@chainlink/contracts/src/v0.8/llo-feeds/v0.5.0";
const COIN = "@chainlink/contracts/src/v0.8/vendor/canonical-weth/WETH9.sol";
/** Chainlink's contracts name a version of the package beside its name. */
const VERSIONED = /^@openzeppelin\/contracts@[\d.]+\//;
/** They are pinned to an older compiler; nothing in them depends on it. */
const PRAGMA = /^pragma solidity 0\.8\.19;/m;

interface Compiled {
  readonly abi: readonly JsonFragment[];
  readonly bytecode: string;
}

let compiled: ReturnType<typeof compile> | undefined;

/** Chainlink's own verifier, out of its package, with the signers of here. Returns the address of its proxy. */
export async function deployVerifier(operator: Signer): Promise<string> {
  compiled ??= compile();
  const { proxy, verifier } = compiled;
  const at = await deployed(operator, proxy, [ZeroAddress]);
  const judge = await deployed(operator, verifier, [await at.getAddress()]);
  await send(at, "initializeVerifier", [await judge.getAddress()]);
  const signers = SIGNERS.map(({ address }) => address);
  await send(judge, "setConfig", [CONFIG, signers, FAULTS, []]);
  return at.getAddress();
}

/** Has the verifier take fees from now on, through Chainlink's own fee and reward managers. Returns the address of the coin that they end up in. */
export async function chargeFees(operator: Signer, verifier: string): Promise<Contract> {
  compiled ??= compile();
  const { proxy, fees, rewards, coin } = compiled;
  // Rewards are paid in a token of their own, of which there is none: the manager notes what it owes.
  const [wrapped, link] = [await deployed(operator, coin, []), await deployed(operator, coin, [])];
  const paid = await deployed(operator, rewards, [await link.getAddress()]);
  const manager = await deployed(operator, fees, [
    await link.getAddress(),
    await wrapped.getAddress(),
    verifier,
    await paid.getAddress(),
  ]);
  await send(paid, "setFeeManager", [await manager.getAddress()]);
  await send(new Contract(verifier, [...proxy.abi], operator), "setFeeManager", [
    await manager.getAddress(),
  ]);
  return wrapped;
}

async function send(contract: BaseContract, name: string, args: readonly unknown[]) {
  const response = await contract.getFunction(name)(...args);
  await response.wait();
}

async function deployed(operator: Signer, { abi, bytecode }: Compiled, args: readonly unknown[]) {
  const contract = await new ContractFactory([...abi], bytecode, operator).deploy(...args);
  await contract.waitForDeployment();
  return new Contract(await contract.getAddress(), [...abi], operator);
}

function sourceOf(path: string): string {
  const file = path.replace(VERSIONED, "@openzeppelin/contracts/");
  return readFileSync(join(PACKAGES, file), "utf8").replace(PRAGMA, "pragma solidity ^0.8.19;");
}

function compile() {
  const wanted = ["VerifierProxy", "Verifier", "FeeManager", "RewardManager"].map(
    (name) => `${FEEDS}/${name}.sol`,
  );
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(
      [...wanted, COIN].map((path) => [path, { content: sourceOf(path) }]),
    ),
    settings: {
      optimizer: { enabled: true, runs: 200 },
      evmVersion: "cancun",
      outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
    },
  };
  const callbacks = { import: (path: string) => ({ contents: sourceOf(path) }) };
  const output = JSON.parse(solc.compile(JSON.stringify(input), callbacks));
  const found = (name: string, path = `${FEEDS}/${name}.sol`): Compiled => {
    const contract = output.contracts?.[path]?.[name];
    if (contract === undefined) throw new Error(JSON.stringify(output.errors));
    return { abi: contract.abi, bytecode: `0x${contract.evm.bytecode.object}` };
  };
  return {
    proxy: found("VerifierProxy"),
    verifier: found("Verifier"),
    fees: found("FeeManager"),
    rewards: found("RewardManager"),
    coin: found("WETH9", COIN),
  };
}

/** One fault is tolerated: two of four signatures make a report. */
const FAULTS = 1;
export const SIGNERS = [1, 2, 3, 4].map((n) => new Wallet(`0x${String(n).padStart(64, "0")}`));
const CONFIG = keccak256("0x01");
export const STREAM = `0x0003${"ab".repeat(30)}`;

const coder = AbiCoder.defaultAbiCoder();

export interface CryptoReport {
  readonly stream?: string;
  readonly observedAt: bigint;
  readonly price: bigint;
  /** {wei} */
  readonly fee?: bigint;
}

/** A crypto report (schema v3) as the stream's oracles sign it. */
export function signedReport(
  { stream = STREAM, observedAt, price, fee = 0n }: CryptoReport,
  signers: readonly Wallet[] = SIGNERS.slice(0, FAULTS + 1),
): string {
  const report = coder.encode(
    ["bytes32", "uint32", "uint32", "uint192", "uint192", "uint32", "int192", "int192", "int192"],
    [stream, observedAt, observedAt, fee, 0n, observedAt + 3_600n, price, price, price],
  );
  return signed(report, signers);
}

/** Any data, signed like a report. */
export function signed(report: string, signers: readonly Wallet[]): string {
  const context = [CONFIG, `0x${"00".repeat(31)}01`, `0x${"00".repeat(32)}`];
  const digest = keccak256(concat([keccak256(report), ...context]));
  const signatures = signers.map(({ privateKey }) => new SigningKey(privateKey).sign(digest));
  const vs = new Uint8Array(32);
  for (const [i, { v }] of signatures.entries()) vs[i] = v - 27;
  return coder.encode(
    ["bytes32[3]", "bytes", "bytes32[]", "bytes32[]", "bytes32"],
    [context, report, signatures.map(({ r }) => r), signatures.map(({ s }) => s), hexlify(vs)],
  );
}
