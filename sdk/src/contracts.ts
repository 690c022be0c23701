import { accessManagerAbi } from "./abis/AccessManager.ts";
import { backstopPoolAbi } from "./abis/BackstopPool.ts";
import { circuitBreakerAbi } from "./abis/CircuitBreaker.ts";
import { clearingHouseAbi } from "./abis/ClearingHouse.ts";
import { collateralAuctionAbi } from "./abis/CollateralAuction.ts";
import { creditVaultAbi } from "./abis/CreditVault.ts";
import { defaultLensAbi } from "./abis/DefaultLens.ts";
import { delayedOrdersAbi } from "./abis/DelayedOrders.ts";
import { insuranceFundAbi } from "./abis/InsuranceFund.ts";
import { lensAbi } from "./abis/Lens.ts";
import { liquidationEngineAbi } from "./abis/LiquidationEngine.ts";
import { liquidationMapAbi } from "./abis/LiquidationMap.ts";
import { lossWaterfallAbi } from "./abis/LossWaterfall.ts";
import { oracleRouterAbi } from "./abis/OracleRouter.ts";
import { reportRelayAbi } from "./abis/ReportRelay.ts";
import { reserveVaultAbi } from "./abis/ReserveVault.ts";
import { riskEngineAbi } from "./abis/RiskEngine.ts";
import { riskStewardAbi } from "./abis/RiskSteward.ts";
import { signedOrdersAbi } from "./abis/SignedOrders.ts";
import { testTokenAbi } from "./abis/TestToken.ts";
import type { Manifest, ManifestContracts } from "./manifest.ts";
import { type Caller, type TypedContract, typedContract } from "./typedContract.ts";

/** The contracts of a deployment under the names that its manifest has for them. The token is called as a test token: `mint` is there only where it is one. */
export interface Contracts {
  readonly clearingHouse: TypedContract<typeof clearingHouseAbi>;
  readonly oracleRouter: TypedContract<typeof oracleRouterAbi>;
  readonly circuitBreaker: TypedContract<typeof circuitBreakerAbi>;
  readonly riskSteward: TypedContract<typeof riskStewardAbi>;
  readonly riskEngine: TypedContract<typeof riskEngineAbi>;
  readonly liquidationEngine: TypedContract<typeof liquidationEngineAbi>;
  readonly lossWaterfall: TypedContract<typeof lossWaterfallAbi>;
  readonly insuranceFund: TypedContract<typeof insuranceFundAbi>;
  readonly reserveVault: TypedContract<typeof reserveVaultAbi>;
  readonly delayedOrders: TypedContract<typeof delayedOrdersAbi>;
  readonly signedOrders: TypedContract<typeof signedOrdersAbi>;
  readonly creditVault: TypedContract<typeof creditVaultAbi>;
  readonly collateralAuction: TypedContract<typeof collateralAuctionAbi>;
  readonly lens: TypedContract<typeof lensAbi>;
  readonly defaultLens: TypedContract<typeof defaultLensAbi>;
  readonly reportRelay: TypedContract<typeof reportRelayAbi>;
  readonly liquidationMap: TypedContract<typeof liquidationMapAbi>;
  readonly backstopPool: TypedContract<typeof backstopPoolAbi>;
  readonly accessManager: TypedContract<typeof accessManagerAbi>;
  readonly token: TypedContract<typeof testTokenAbi>;
}

/** The contracts of a deployment, read through `caller`. Pools are each market's own: `typedContract(liquidityPoolAbi, market.pool, caller)`. */
export function contractsOf({ contracts }: Pick<Manifest, "contracts">, caller: Caller): Contracts {
  return {
    clearingHouse: typedContract(clearingHouseAbi, contracts.clearingHouse, caller),
    oracleRouter: typedContract(oracleRouterAbi, contracts.oracleRouter, caller),
    circuitBreaker: typedContract(circuitBreakerAbi, contracts.circuitBreaker, caller),
    riskSteward: typedContract(riskStewardAbi, contracts.riskSteward, caller),
    riskEngine: typedContract(riskEngineAbi, contracts.riskEngine, caller),
    liquidationEngine: typedContract(liquidationEngineAbi, contracts.liquidationEngine, caller),
    lossWaterfall: typedContract(lossWaterfallAbi, contracts.lossWaterfall, caller),
    insuranceFund: typedContract(insuranceFundAbi, contracts.insuranceFund, caller),
    reserveVault: typedContract(reserveVaultAbi, contracts.reserveVault, caller),
    delayedOrders: typedContract(delayedOrdersAbi, contracts.delayedOrders, caller),
    signedOrders: typedContract(signedOrdersAbi, contracts.signedOrders, caller),
    creditVault: typedContract(creditVaultAbi, contracts.creditVault, caller),
    collateralAuction: typedContract(collateralAuctionAbi, contracts.collateralAuction, caller),
    lens: typedContract(lensAbi, contracts.lens, caller),
    defaultLens: typedContract(defaultLensAbi, contracts.defaultLens, caller),
    reportRelay: typedContract(reportRelayAbi, contracts.reportRelay, caller),
    liquidationMap: typedContract(liquidationMapAbi, contracts.liquidationMap, caller),
    backstopPool: typedContract(backstopPoolAbi, contracts.backstopPool, caller),
    accessManager: typedContract(accessManagerAbi, contracts.accessManager, caller),
    token: typedContract(testTokenAbi, contracts.token, caller),
  } satisfies Record<keyof ManifestContracts, unknown>;
}
