import { buildModule } from "@nomicfoundation/ignition-core";
import { encodeBytes32String, ZeroAddress } from "ethers";
import { CAPPED_TIERS, TIERS } from "../../sdk/src/math/lossWaterfall.ts";
import type { Parameters } from "../../sdk/src/parameters.ts";

/** Who may do what: everything below asks this contract. Until the handover its administrator is the deployer. */
function accessModule() {
  return buildModule("Access", (m) => ({
    accessManager: m.contract("AccessManager", [m.getAccount(0)]),
  }));
}

/** The settlement token: one that is there, or a test token with a faucet. */
function tokenModule({ token }: Parameters) {
  return buildModule("Token", (m) => {
    // Of a token that is there nothing but its address is used.
    if (token.kind === "existing") return { token: m.contractAt("TestToken", token.address) };
    const { name, symbol, decimals, mintCap } = token;
    const mintCapNative = (mintCap * 10n ** BigInt(decimals)) / 10n ** 18n;
    return { token: m.contract("TestToken", [name, symbol, decimals, mintCapNative]) };
  });
}

/** The house, the libraries it is linked against, its modules, and how they know each other. It lists no market. */
export function houseModule(parameters: Parameters) {
  const access = accessModule();
  const settlement = tokenModule(parameters);
  return buildModule("House", (m) => {
    const { accessManager } = m.useModule(access);
    const { token } = m.useModule(settlement);

    const marketEvents = m.library("MarketEvents");
    const creditLines = m.library("CreditLines");
    const linked = { libraries: { MarketEvents: marketEvents, CreditLines: creditLines } };
    const lossTiers = m.library("LossTiers", linked);
    const trading = m.library("Trading", linked);
    const liquidationPath = m.library("LiquidationPath", linked);
    const creditPath = m.library("CreditPath", linked);
    const settlementPath = m.library("SettlementPath", {
      libraries: { ...linked.libraries, CreditPath: creditPath },
    });
    const covered = { libraries: { ...linked.libraries, LossTiers: lossTiers } };
    const defaultPath = m.library("DefaultPath", covered);
    const inventoryPath = m.library("InventoryPath", covered);
    const matchPath = m.library("MatchPath", linked);
    const liquidationMatchPath = m.library("LiquidationMatchPath", linked);
    const coveragePath = m.library("CoveragePath");
    const takeOverPath = m.library("TakeOverPath", {
      libraries: { ...linked.libraries, InventoryPath: inventoryPath },
    });
    const houseViews = m.library("HouseViews", linked);
    const governing = m.library("Governing");
    const reconciliation = m.library("Reconciliation");
    const windDownPath = m.library("WindDownPath", {
      libraries: { MarketEvents: marketEvents, InventoryPath: inventoryPath },
    });
    const clearingHouse = m.contract(
      "ClearingHouse",
      [token, accessManager, parameters.liquidationDepositUsd],
      {
        libraries: {
          Trading: trading,
          LiquidationPath: liquidationPath,
          SettlementPath: settlementPath,
          CreditPath: creditPath,
          DefaultPath: defaultPath,
          InventoryPath: inventoryPath,
          LossTiers: lossTiers,
          MatchPath: matchPath,
          CoveragePath: coveragePath,
          LiquidationMatchPath: liquidationMatchPath,
          TakeOverPath: takeOverPath,
          HouseViews: houseViews,
          Governing: governing,
          Reconciliation: reconciliation,
          WindDownPath: windDownPath,
        },
      },
    );

    const oracleRouter = m.contract("OracleRouter", [accessManager, ZeroAddress, 0n]);
    const riskEngine = m.contract("RiskEngine", [accessManager]);
    const liquidationEngine = m.contract("LiquidationEngine", [accessManager, riskEngine]);
    const lossWaterfall = m.contract("LossWaterfall", [clearingHouse, accessManager]);
    const insuranceFund = m.contract("InsuranceFund", [clearingHouse]);
    const { reserve } = parameters;
    const reserveVault = m.contract("ReserveVault", [
      clearingHouse,
      reserve.soleDepositor ?? m.getAccount(0),
      reserve.name,
      reserve.symbol,
    ]);
    const delayedOrders = m.contract("DelayedOrders", [clearingHouse, accessManager]);
    const signedOrders = m.contract("SignedOrders", [clearingHouse]);
    const { name, symbol, rates } = parameters.credit;
    const creditVault = m.contract("CreditVault", [clearingHouse, accessManager, name, symbol]);
    const collateralAuction = m.contract("CollateralAuction", [creditVault, clearingHouse]);
    m.call(creditVault, "setAuction", [collateralAuction]);
    m.call(creditVault, "setRateTerms", [rates]);
    const circuitBreaker = m.contract("CircuitBreaker", [clearingHouse, accessManager]);
    const riskSteward = m.contract("RiskSteward", [clearingHouse, accessManager, riskEngine]);
    const lens = m.contract("Lens", [clearingHouse]);
    const defaultLens = m.contract("DefaultLens", [clearingHouse]);
    const reportRelay = m.contract("ReportRelay", []);
    const liquidationMap = m.contract("LiquidationMap", [clearingHouse]);
    const { maxLeverage, penaltyShare, ...staked } = parameters.backstop;
    const backstopRule = m.library("BackstopRule");
    const backstopPool = m.contract(
      "BackstopPool",
      [clearingHouse, accessManager, staked.name, staked.symbol],
      { libraries: { BackstopRule: backstopRule } },
    );

    const modules = {
      risk: riskEngine,
      oracle: oracleRouter,
      liquidation: liquidationEngine,
      waterfall: lossWaterfall,
      insurance: insuranceFund,
      protocol: reserveVault,
      credit: creditVault,
      backstop: backstopPool,
    };
    const connected = Object.entries(modules).map(([module, address]) =>
      m.call(clearingHouse, "setModule", [encodeBytes32String(module), address], {
        id: `setModule_${module}`,
      }),
    );
    m.call(clearingHouse, "setVenue", [delayedOrders, true], { id: "setVenue_delayedOrders" });
    m.call(clearingHouse, "setVenue", [signedOrders, true], { id: "setVenue_signedOrders" });
    // For its own account only: that is all it has the power for.
    m.call(clearingHouse, "setVenue", [backstopPool, true], { id: "setVenue_backstop" });
    m.call(clearingHouse, "setBackstopShare", [penaltyShare], { after: connected });
    m.call(backstopPool, "setMaxLeverage", [maxLeverage]);
    for (const tier of CAPPED_TIERS) {
      m.call(lossWaterfall, "setHouseEpochCap", [TIERS[tier], parameters.houseEpochCaps[tier]], {
        id: `setHouseEpochCap_${tier}`,
      });
    }
    return {
      accessManager,
      token,
      marketEvents,
      trading,
      liquidationPath,
      settlementPath,
      creditLines,
      creditPath,
      defaultPath,
      inventoryPath,
      lossTiers,
      matchPath,
      coveragePath,
      liquidationMatchPath,
      takeOverPath,
      houseViews,
      governing,
      reconciliation,
      windDownPath,
      clearingHouse,
      oracleRouter,
      riskEngine,
      liquidationEngine,
      lossWaterfall,
      insuranceFund,
      reserveVault,
      delayedOrders,
      signedOrders,
      creditVault,
      collateralAuction,
      circuitBreaker,
      riskSteward,
      lens,
      defaultLens,
      reportRelay,
      liquidationMap,
      backstopRule,
      backstopPool,
    };
  });
}

export type HouseModule = ReturnType<typeof houseModule>;
