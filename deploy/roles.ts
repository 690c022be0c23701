import { Interface } from "ethers";
import { backstopPoolAbi } from "../sdk/src/abis/BackstopPool.ts";
import { circuitBreakerAbi } from "../sdk/src/abis/CircuitBreaker.ts";
import { clearingHouseAbi } from "../sdk/src/abis/ClearingHouse.ts";
import { creditVaultAbi } from "../sdk/src/abis/CreditVault.ts";
import { delayedOrdersAbi } from "../sdk/src/abis/DelayedOrders.ts";
import { liquidationEngineAbi } from "../sdk/src/abis/LiquidationEngine.ts";
import { lossWaterfallAbi } from "../sdk/src/abis/LossWaterfall.ts";
import { oracleRouterAbi } from "../sdk/src/abis/OracleRouter.ts";
import { riskEngineAbi } from "../sdk/src/abis/RiskEngine.ts";
import { riskStewardAbi } from "../sdk/src/abis/RiskSteward.ts";
import type { Manifest } from "../sdk/src/manifest.ts";

/** Role numbers in the AccessManager. The administrator gives and takes the others. */
export const ROLES = {
  administrator: 0n,
  governor: 1n,
  guardian: 2n,
  breaker: 3n,
  /** Sets terms that risk parameters are part of: the governor after its delay, the steward's contract in small steps. */
  terms: 4n,
  steward: 5n,
  /** Raises the regime, which only ever raises margins, within caps, along their ramp. */
  regime: 6n,
};

export type Role = keyof typeof ROLES;

export const roles: readonly Role[] = Object.keys(ROLES).filter(
  (name): name is Role => name in ROLES,
);

/** Who should hold which role, and whether only after the governor's delay. */
export const HOLDERS = [
  { role: "administrator", who: "governor", delayed: true },
  { role: "governor", who: "governor", delayed: true },
  { role: "guardian", who: "guardian", delayed: false },
  { role: "breaker", who: "circuitBreaker", delayed: false },
  { role: "terms", who: "governor", delayed: true },
  { role: "terms", who: "riskSteward", delayed: false },
  { role: "steward", who: "steward", delayed: false },
  { role: "regime", who: "guardian", delayed: false },
  { role: "regime", who: "steward", delayed: false },
  { role: "regime", who: "forecaster", delayed: false },
] as const;

/** A role that somebody should have, and after how long what they decide is done. */
export interface Holder {
  readonly role: Role;
  readonly address: string;
  readonly delaySeconds: number;
}

/** Who should hold which role in a deployment. */
export function holdersOf({ roles: people, contracts, parameters }: Manifest): Holder[] {
  const { circuitBreaker, riskSteward } = contracts;
  const addresses = { ...people, circuitBreaker, riskSteward };
  return HOLDERS.flatMap(({ role, who, delayed }) => {
    const address = addresses[who];
    if (address === null) return [];
    return [{ role, address, delaySeconds: delayed ? parameters.roles.governorDelaySeconds : 0 }];
  });
}

/** Every function that asks who calls, by contract, and the role it is for. What is not here nobody may call but the administrator. */
export const roleTable = {
  clearingHouse: {
    abi: clearingHouseAbi,
    functions: {
      listMarket: ROLES.governor,
      setMarketTerms: ROLES.terms,
      // The breaker asks for the governor or the guardian itself; nobody goes round it.
      setMarketMode: ROLES.breaker,
      announceWindDown: ROLES.governor,
      cancelWindDown: ROLES.governor,
      setModule: ROLES.governor,
      setVenue: ROLES.governor,
      setBackstopShare: ROLES.governor,
    },
  },
  circuitBreaker: {
    abi: circuitBreakerAbi,
    functions: {
      setMode: ROLES.governor,
      setBreakerTerms: ROLES.governor,
      guard: ROLES.guardian,
      halt: ROLES.guardian,
    },
  },
  riskSteward: {
    abi: riskStewardAbi,
    functions: {
      change: ROLES.steward,
      // Refuses whatever does not reduce risk.
      tighten: ROLES.guardian,
      setLimits: ROLES.governor,
    },
  },
  oracleRouter: {
    abi: oracleRouterAbi,
    functions: {
      setFeed: ROLES.governor,
      setSecondary: ROLES.governor,
      setSequencerFeed: ROLES.governor,
      acceptJump: ROLES.guardian,
    },
  },
  riskEngine: {
    abi: riskEngineAbi,
    functions: {
      setRiskTerms: ROLES.terms,
      setCoverTerms: ROLES.terms,
      setAdaptiveTerms: ROLES.terms,
      setImpliedTerms: ROLES.governor,
      setCongestionTerms: ROLES.governor,
      // Only ever raises margins, within caps, along their ramp.
      raiseRegime: ROLES.regime,
    },
  },
  liquidationEngine: {
    abi: liquidationEngineAbi,
    functions: { setLiquidationTerms: ROLES.terms, setAuctionTerms: ROLES.terms },
  },
  lossWaterfall: {
    abi: lossWaterfallAbi,
    functions: {
      setInsuranceTerms: ROLES.governor,
      setTierTerms: ROLES.governor,
      setSplitTerms: ROLES.governor,
      setHouseEpochCap: ROLES.governor,
    },
  },
  creditVault: {
    abi: creditVaultAbi,
    functions: {
      setCollateralTerms: ROLES.governor,
      setRateTerms: ROLES.governor,
      setAuction: ROLES.governor,
    },
  },
  backstopPool: {
    abi: backstopPoolAbi,
    functions: { setBackstopTerms: ROLES.governor, setMaxLeverage: ROLES.governor },
  },
  delayedOrders: { abi: delayedOrdersAbi, functions: { setOrderTerms: ROLES.governor } },
};

export type ManagedContract = keyof typeof roleTable;

export const managedContracts = Object.keys(roleTable).filter(
  (name): name is ManagedContract => name in roleTable,
);

export interface ManagedFunction {
  readonly contract: ManagedContract;
  readonly name: string;
  readonly selector: string;
  readonly role: bigint;
}

/** The table as a list, with selectors. */
export function managedFunctions(): ManagedFunction[] {
  return managedContracts.flatMap((contract) => {
    const { abi, functions } = roleTable[contract];
    const coder = new Interface(abi);
    return Object.entries(functions).map(([name, role]) => {
      const selector = coder.getFunction(name)?.selector;
      if (selector === undefined) throw new Error(`${contract} has no function ${name}`);
      return { contract, name, selector, role };
    });
  });
}
