import type { Provider } from "ethers";
import { accessManagerAbi } from "../../sdk/src/abis/AccessManager.ts";
import { clearingHouseAbi } from "../../sdk/src/abis/ClearingHouse.ts";
import type { Manifest } from "../../sdk/src/manifest.ts";
import { typedContract } from "../../sdk/src/typedContract.ts";
import { holdersOf, managedContracts, managedFunctions, ROLES } from "../roles.ts";
import { eventsOf } from "./events.ts";

/** Whether exactly those of the manifest hold roles, and every function is for the role it should be for. */
export async function checkRoles(provider: Provider, manifest: Manifest): Promise<string[]> {
  const problems = await Promise.all([
    checkAuthorities(provider, manifest),
    checkFunctions(provider, manifest),
    checkHolders(provider, manifest),
  ]);
  return problems.flat();
}

async function checkAuthorities(provider: Provider, manifest: Manifest): Promise<string[]> {
  const problems = await Promise.all(
    managedContracts.map(async (name) => {
      // Every managed contract answers this as the house does.
      const managed = typedContract(clearingHouseAbi, manifest.contracts[name], provider);
      const authority = await managed.call("authority", []);
      if (authority === manifest.contracts.accessManager) return [];
      return [`${name}: its authority is ${authority}, not ${manifest.contracts.accessManager}`];
    }),
  );
  return problems.flat();
}

/** The functions of the table, and every other that was ever given to a role. */
async function checkFunctions(provider: Provider, manifest: Manifest): Promise<string[]> {
  const manager = typedContract(accessManagerAbi, manifest.contracts.accessManager, provider);
  const expected = new Map(
    managedFunctions().map(({ contract, name, selector, role }) => [
      `${manifest.contracts[contract]} ${selector}`,
      { what: `${contract}.${name}`, target: manifest.contracts[contract], selector, role },
    ]),
  );
  for (const event of await eventsOf(provider, manager, "TargetFunctionRoleUpdated", manifest)) {
    if (event.name !== "TargetFunctionRoleUpdated") continue;
    const { target, selector } = event.args;
    const key = `${target} ${selector}`;
    if (expected.has(key)) continue;
    const what = `function ${selector} of ${target}`;
    expected.set(key, { what, target, selector, role: ROLES.administrator });
  }
  const problems = await Promise.all(
    [...expected.values()].map(async ({ what, target, selector, role }) => {
      const actual = await manager.call("getTargetFunctionRole", [target, selector]);
      return actual === role ? [] : [`${what}: is for role ${actual}, not for role ${role}`];
    }),
  );
  const closed = await Promise.all(
    managedContracts.map(async (name) =>
      (await manager.call("isTargetClosed", [manifest.contracts[name]]))
        ? [`${name}: closed in the AccessManager, so nobody governs it`]
        : [],
    ),
  );
  return [...problems, ...closed].flat();
}

async function checkHolders(provider: Provider, manifest: Manifest): Promise<string[]> {
  const manager = typedContract(accessManagerAbi, manifest.contracts.accessManager, provider);
  const expected = holdersOf(manifest);
  const candidates = new Map<string, { role: bigint; account: string }>();
  for (const { role, address } of expected) {
    candidates.set(`${ROLES[role]} ${address}`, { role: ROLES[role], account: address });
  }
  for (const event of await eventsOf(provider, manager, "RoleGranted", manifest)) {
    if (event.name !== "RoleGranted") continue;
    const { roleId, account } = event.args;
    candidates.set(`${roleId} ${account}`, { role: roleId, account });
  }
  const problems = await Promise.all(
    [...candidates.values()].map(async ({ role, account }) => {
      const { isMember, executionDelay } = await manager.call("hasRole", [role, account]);
      const holder = expected.find((one) => ROLES[one.role] === role && one.address === account);
      const what = `role ${labelOf(role)}`;
      if (holder === undefined) {
        return isMember ? [`${what}: ${account} holds it, and should not`] : [];
      }
      if (!isMember) return [`${what}: ${account} should hold it, and does not`];
      if (executionDelay === BigInt(holder.delaySeconds)) return [];
      return [`${what}: ${account} acts after ${executionDelay} s, not ${holder.delaySeconds} s`];
    }),
  );
  // The guardian may call off what the governor has scheduled, whichever of its roles that is for.
  const vetoes = await Promise.all(
    (["governor", "terms"] as const).map(async (role) => {
      const vetoer = await manager.call("getRoleGuardian", [ROLES[role]]);
      if (vetoer === ROLES.guardian) return [];
      return [`role ${role}: vetoed by role ${vetoer}, not by the guardian`];
    }),
  );
  return [...problems.flat(), ...vetoes.flat()];
}

function labelOf(role: bigint): string {
  return Object.entries(ROLES).find(([, id]) => id === role)?.[0] ?? String(role);
}

/** Whether the house works with the modules and venues of the manifest, and with no others. */
export async function checkWiring(provider: Provider, manifest: Manifest): Promise<string[]> {
  const { contracts } = manifest;
  const house = typedContract(clearingHouseAbi, contracts.clearingHouse, provider);
  const expected = new Set([
    contracts.delayedOrders,
    contracts.signedOrders,
    contracts.backstopPool,
  ]);
  const venues = new Set(expected);
  for (const event of await eventsOf(provider, house, "VenueSet", manifest)) {
    if (event.name === "VenueSet") venues.add(event.args.venue);
  }
  const problems = await Promise.all(
    [...venues].map(async (venue) => {
      const isVenue = await house.call("isVenue", [venue]);
      if (isVenue === expected.has(venue)) return [];
      return [`venue ${venue}: ${isVenue ? "listed, and should not be" : "not listed"}`];
    }),
  );
  return problems.flat();
}
