import { buildModule, type Future } from "@nomicfoundation/ignition-core";
import { enums } from "../../sdk/src/abis/enums.ts";
import type { Parameters } from "../../sdk/src/parameters.ts";
import { managedFunctions, ROLES } from "../roles.ts";
import type { CollateralModule } from "./collateral.ts";
import type { HouseModule } from "./house.ts";
import type { MarketModule } from "./markets.ts";

const LABELS = { governor: "GOVERNOR", guardian: "GUARDIAN", breaker: "BREAKER" } as const;

/**
 * Which role each function is for, and who holds which. The deployer keeps the administrator's and the governor's until the handover, because the
 * markets are still to be opened.
 */
export function rolesModule(parameters: Parameters, house: HouseModule) {
  const { guardian } = parameters.roles;
  return buildModule("Roles", (m) => {
    const contracts = m.useModule(house);
    const { accessManager } = contracts;
    const deployer = m.getAccount(0);
    for (const name of ["governor", "guardian", "breaker"] as const) {
      m.call(accessManager, "labelRole", [ROLES[name], LABELS[name]], { id: `label_${name}` });
    }
    // The guardian may call off what the governor has scheduled.
    m.call(accessManager, "setRoleGuardian", [ROLES.governor, ROLES.guardian]);
    const granted = [
      m.call(accessManager, "grantRole", [ROLES.governor, deployer, 0], { id: "grant_deployer" }),
      m.call(accessManager, "grantRole", [ROLES.guardian, guardian ?? deployer, 0], {
        id: "grant_guardian",
      }),
      m.call(accessManager, "grantRole", [ROLES.breaker, contracts.circuitBreaker, 0], {
        id: "grant_breaker",
      }),
    ];
    const functions = managedFunctions();
    for (const contract of new Set(functions.map((managed) => managed.contract))) {
      for (const role of [ROLES.governor, ROLES.guardian, ROLES.breaker]) {
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
    for (const name of ["governor", "administrator"] as const) {
      last = [
        m.call(accessManager, "grantRole", [ROLES[name], holder, governorDelaySeconds], {
          id: `hand_${name}`,
          after: last,
        }),
      ];
    }
    if (governor === null) return { clearingHouse };
    for (const name of ["governor", "administrator"] as const) {
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
