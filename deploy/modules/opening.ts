import { buildModule, type Future } from "@nomicfoundation/ignition-core";
import { enums } from "../../sdk/src/abis/enums.ts";
import type { Parameters } from "../../sdk/src/parameters.ts";
import { managedFunctions, ROLES } from "../roles.ts";
import type { CollateralModule } from "./collateral.ts";
import type { HouseModule } from "./house.ts";
import type { MarketModule } from "./markets.ts";

/** All but the administrator's, which the AccessManager itself names. */
const LABELLED = ["governor", "guardian", "breaker", "terms", "steward", "regime"] as const;
/** What the deployer gives away in the end, the power to give last. */
const HANDED_OVER = ["governor", "terms", "administrator"] as const;

/**
 * Which role each function is for, and who holds which. The deployer keeps the administrator's and those of the governor until the handover, because the
 * markets are still to be opened.
 */
export function rolesModule(parameters: Parameters, house: HouseModule) {
  const { guardian, steward, forecaster } = parameters.roles;
  return buildModule("Roles", (m) => {
    const contracts = m.useModule(house);
    const { accessManager } = contracts;
    const deployer = m.getAccount(0);
    for (const name of LABELLED) {
      m.call(accessManager, "labelRole", [ROLES[name], name.toUpperCase()], {
        id: `label_${name}`,
      });
    }
    // The guardian may call off what the governor has scheduled.
    for (const name of ["governor", "terms"] as const) {
      m.call(accessManager, "setRoleGuardian", [ROLES[name], ROLES.guardian], {
        id: `veto_${name}`,
      });
    }
    const guards = guardian ?? deployer;
    const steers = steward ?? deployer;
    const granted = [
      ["deployer", ROLES.governor, deployer] as const,
      ["deployer_terms", ROLES.terms, deployer] as const,
      ["guardian", ROLES.guardian, guards] as const,
      ["breaker", ROLES.breaker, contracts.circuitBreaker] as const,
      ["terms", ROLES.terms, contracts.riskSteward] as const,
      ["steward", ROLES.steward, steers] as const,
      ["regime_guardian", ROLES.regime, guards] as const,
      ["regime_steward", ROLES.regime, steers] as const,
      ...(forecaster === null ? [] : [["regime_forecaster", ROLES.regime, forecaster] as const]),
    ].map(([name, role, holder]) =>
      m.call(accessManager, "grantRole", [role, holder, 0], { id: `grant_${name}` }),
    );
    const functions = managedFunctions();
    for (const contract of new Set(functions.map((managed) => managed.contract))) {
      for (const role of LABELLED.map((name) => ROLES[name])) {
        const selectors = functions
          .filter((managed) => managed.contract === contract && managed.role === role)
          .map((managed) => managed.selector);
        if (selectors.length === 0) continue;
        m.call(accessManager, "setTargetFunctionRole", [contracts[contract], selectors, role], {
          id: `functions_${contract}_${role}`,
          after: granted,
        });
      }
    }
    return { accessManager };
  });
}

export type RolesModule = ReturnType<typeof rolesModule>;

export interface Opening {
  readonly parameters: Parameters;
  readonly house: HouseModule;
  readonly markets: readonly MarketModule[];
  readonly collateral: readonly CollateralModule[];
  readonly roles: RolesModule;
}

/** The last two steps: every market opens, then the deployer gives its powers away. Nothing before this opens anything. */
export function openingModule({ parameters, house, markets, collateral, roles }: Opening) {
  return buildModule("Opening", (m) => {
    const { accessManager, circuitBreaker, clearingHouse } = m.useModule(house);
    for (const market of markets) m.useModule(market);
    for (const each of collateral) m.useModule(each);
    m.useModule(roles);
    const opened = parameters.markets.map((market, id) =>
      m.call(circuitBreaker, "setMode", [id, enums.MarketMode.indexOf("Open")], {
        id: `open_${market.symbol}`,
        after: [house, ...markets, ...collateral, roles],
      }),
    );
    const { governor, governorDelaySeconds } = parameters.roles;
    const deployer = m.getAccount(0);
    const holder = governor ?? deployer;
    let last: Future[] = opened;
    for (const name of HANDED_OVER) {
      last = [
        m.call(accessManager, "grantRole", [ROLES[name], holder, governorDelaySeconds], {
          id: `hand_${name}`,
          after: last,
        }),
      ];
    }
    if (governor === null) return { clearingHouse };
    for (const name of HANDED_OVER) {
      last = [
        m.call(accessManager, "renounceRole", [ROLES[name], deployer], {
          id: `renounce_${name}`,
          after: last,
        }),
      ];
    }
    return { clearingHouse };
  });
}
