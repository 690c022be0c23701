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

/** Role numbers in the AccessManager. The administrator gives and takes the others. */
export const ROLES = { administrator: 0n, governor: 1n, guardian: 2n, breaker: 3n };

/** Every function that asks who calls, by contract, and the role it is for. What is not here nobody may call but the administrator. */
export const roleTable = {
  clearingHouse: {
    abi: clearingHouseAbi,
    functions: {
      listMarket: ROLES.governor,
      setMarketTerms: ROLES.governor,
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
  oracleRouter: {
    abi: oracleRouterAbi,
    functions: {
      setFeed: ROLES.governor,
      setSequencerFeed: ROLES.governor,
      acceptJump: ROLES.guardian,
    },
  },
  riskEngine: {
    abi: riskEngineAbi,
    functions: {
      setRiskTerms: ROLES.governor,
      setCoverTerms: ROLES.governor,
      setAdaptiveTerms: ROLES.governor,
      setImpliedTerms: ROLES.governor,
      setCongestionTerms: ROLES.governor,
      // Only ever raises margins, within caps, along their ramp.
      raiseRegime: ROLES.guardian,
    },
  },
  liquidationEngine: {
    abi: liquidationEngineAbi,
    functions: { setLiquidationTerms: ROLES.governor, setAuctionTerms: ROLES.governor },
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
