import { Interface } from "ethers";
import { accessManagerAbi } from "../sdk/src/abis/AccessManager.ts";
import { formatD18 } from "../sdk/src/amounts.ts";
import type { Parameters } from "../sdk/src/parameters.ts";
import { HOLDERS, managedContracts, managedFunctions, ROLES, type Role, roles } from "./roles.ts";
import { riskParametersOf, stewardLimitsOf } from "./steward.ts";

/** What anybody may call of the AccessManager: it looks for itself what of it is the caller's. */
const OPEN = ["schedule", "execute", "cancel", "consumeScheduledOp", "renounceRole"];

/** A function that is not for everybody, and whom it is for. */
export interface RestrictedFunction {
  readonly contract: string;
  readonly name: string;
  readonly role: Role;
}

/** Every function that asks who calls: those of the table of roles, the AccessManager's own, and what only it calls. */
export function restrictedFunctions(): RestrictedFunction[] {
  const managed = managedFunctions().map(({ contract, name, role }) => ({
    contract,
    name,
    role: roleOf(role),
  }));
  const authorities = managedContracts.map((contract) => ({
    contract,
    name: "setAuthority",
    role: "administrator" as const,
  }));
  return [...managed, ...authorities, ...administrative()];
}

/** The functions of the AccessManager that are the administrator's. */
function administrative(): RestrictedFunction[] {
  const found: RestrictedFunction[] = [];
  new Interface(accessManagerAbi).forEachFunction(({ name, constant }) => {
    if (constant || name === "multicall" || OPEN.includes(name)) return;
    found.push({ contract: "accessManager", name, role: "administrator" });
  });
  return found;
}

function roleOf(id: bigint): Role {
  const role = roles.find((name) => ROLES[name] === id);
  if (role === undefined) throw new Error(`No role has the number ${id}`);
  return role;
}

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** Contracts are written with a capital, people are not. */
const CONTRACTS = ["circuitBreaker", "riskSteward"];

/** Every restricted function × role × delay. */
export function rolesTable(): string {
  const rows = restrictedFunctions().map(({ contract, name, role }) => {
    const holders = HOLDERS.filter((holder) => holder.role === role).map(({ who, delayed }) => {
      const shown = CONTRACTS.includes(who) ? `\`${capital(who)}\`` : who;
      return `${shown} ${delayed ? "after the delay" : "at once"}`;
    });
    // Contracts obey the AccessManager there, and it obeys `updateAuthority`.
    const by = name === "setAuthority" ? ", by `AccessManager.updateAuthority`" : "";
    return `| \`${capital(contract)}\` | \`${name}\` | ${role} (${ROLES[role]}) | ${holders.join(", ")}${by} |`;
  });
  return ["| contract | function | role | who, and when |", "|---|---|---|---|", ...rows].join(
    "\n",
  );
}

/** How far the steward may change the parameters of a network's first market, in a step and ever. */
export function stewardTable(parameters: Parameters): string {
  const [market] = parameters.markets;
  if (market === undefined) throw new Error("There is no market");
  const values = riskParametersOf(market);
  const rows = stewardLimitsOf(market, parameters.steward).map(({ name, limits }) => {
    const shown = (value: bigint) =>
      name.endsWith("Seconds") ? `${value} s` : grouped(formatD18(value));
    const steps = [limits.stepDown, limits.stepUp].map((step) => percent(step));
    const cells = [
      shown(values[name] ?? 0n),
      ...steps,
      shown(limits.lowest),
      shown(limits.highest),
    ];
    return `| \`${name}\` | ${cells.join(" | ")} | ${Number(limits.cooldownSeconds) / 3_600} h |`;
  });
  const head =
    "| parameter | begins at | step down | step up | never below | never above | not again within |";
  return [head, "|---|---|---|---|---|---|---|", ...rows].join("\n");
}

const grouped = (decimal: string): string =>
  decimal.replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));

const percent = (step: bigint): string => (step === 0n ? "none" : `${formatD18(step * 100n)} %`);

/** The page with its two tables as they should be; what stands between their marks is replaced. */
export function withRoleTables(page: string, parameters: Parameters): string {
  const tables = { functions: rolesTable(), steward: stewardTable(parameters) };
  return Object.entries(tables).reduce((text, [name, table]) => {
    const [begin, end] = [`<!-- ${name}: generated -->`, `<!-- ${name}: end -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from === -1 || to < from) throw new Error(`The page lacks ${begin} … ${end}`);
    return `${text.slice(0, from + begin.length)}\n\n${table}\n\n${text.slice(to)}`;
  }, page);
}
