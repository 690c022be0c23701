import { globSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { Interface, type ParamType } from "ethers";
import { deployBreakwater } from "../../deploy/deployBreakwater.ts";
import { readParameters } from "../../deploy/readParameters.ts";
import {
  HOLDERS,
  managedContracts,
  managedFunctions,
  ROLES,
  roles,
  roleTable,
} from "../../deploy/roles.ts";
import { restrictedFunctions, withRoleTables } from "../../deploy/rolesTable.ts";
import { accessManagerAbi } from "../../sdk/src/abis/AccessManager.ts";
import { revertDataOf } from "../../sdk/src/errors.ts";
import type { Manifest } from "../../sdk/src/manifest.ts";
import { typedContract } from "../../sdk/src/typedContract.ts";
import { localChain } from "./support.ts";

const DELAY = 86_400;

/** Contracts that no deployment begins with; the page says in words whom their functions are for. */
const UNDEPLOYED = ["OffsetRiskEngine."];

/** Some argument of a type; whoever is not let in is refused before it is looked at. */
function some(type: ParamType): unknown {
  if (type.arrayChildren !== null) {
    const child = type.arrayChildren;
    return Array.from({ length: Math.max(type.arrayLength ?? 0, 0) }, () => some(child));
  }
  if (type.components !== null) return type.components.map(some);
  if (type.type === "address") return `0x${"00".repeat(20)}`;
  if (type.type === "bool") return false;
  if (type.type === "string") return "";
  if (type.type === "bytes") return "0x";
  const bytes = /^bytes(\d+)$/.exec(type.type);
  return bytes === null ? 0n : `0x${"00".repeat(Number(bytes[1]))}`;
}

// AUTH-1: only a reviewed list of functions asks for a role.
describe("roles", function () {
  this.timeout(300_000);

  it("says of every restricted function whom it is for", () => {
    // What is installed later gets its roles when it is: its own tests have them.
    const files = globSync("contracts/**/*.sol").filter(
      (file) => !file.endsWith("/OffsetRiskEngine.sol"),
    );
    const restricted = files.flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/function (\w+)\([^)]*\)[^{;]*\brestricted\b/g)].map(
        ([, name]) => `${/(\w+)\.sol$/.exec(file)?.[1]}.${name}`,
      ),
    );
    const listed = managedFunctions().map(
      ({ contract, name }) => `${contract.charAt(0).toUpperCase()}${contract.slice(1)}.${name}`,
    );
    const isLeftOut = (name: string) => UNDEPLOYED.some((contract) => name.startsWith(contract));
    expect(restricted.length).to.be.greaterThan(10);
    expect(listed).to.have.members(restricted.filter((name) => !isLeftOut(name)));
    const page = readFileSync("docs/roles.md", "utf8");
    for (const name of restricted.filter(isLeftOut)) {
      expect(page, name).to.contain(`\`${name}\``);
    }
  });

  it("are written in docs/roles.md as they are deployed", async () => {
    const page = readFileSync("docs/roles.md", "utf8");
    const expected = withRoleTables(page, await readParameters("sepolia"));
    expect(page, "write it anew: npm run docs:roles").to.equal(expected);
  });

  describe("in a deployed house", () => {
    let chain: Awaited<ReturnType<typeof localChain>>;
    let manifest: Manifest;
    let people: Record<(typeof HOLDERS)[number]["who"], string>;
    let stranger: string;

    before(async () => {
      chain = await localChain();
      const { provider, reader, deployer, governor, guardian, trader } = chain;
      const forecaster = await (await reader.getSigner(5)).getAddress();
      const local = await readParameters("local");
      manifest = await deployBreakwater({
        provider,
        parameters: {
          ...local,
          roles: {
            governor: governor.address,
            governorDelaySeconds: DELAY,
            guardian: guardian.address,
            steward: trader.address,
            forecaster,
          },
        },
        deployer: deployer.address,
      });
      const { circuitBreaker, riskSteward } = manifest.contracts;
      people = {
        governor: governor.address,
        guardian: guardian.address,
        steward: trader.address,
        forecaster,
        circuitBreaker,
        riskSteward,
      };
      // It has handed over all it had.
      stranger = deployer.address;
    });

    const addressOf = (contract: string): string => {
      const found = Object.entries(manifest.contracts).find(([name]) => name === contract);
      if (found === undefined) throw new Error(`The manifest has no ${contract}`);
      return found[1];
    };

    it("let each holder call what the table says, after the delay it says, and nobody else", async () => {
      const { accessManager } = manifest.contracts;
      const manager = typedContract(accessManagerAbi, accessManager, chain.reader);
      let asked = 0;
      for (const contract of managedContracts) {
        const { abi, functions } = roleTable[contract];
        const target = addressOf(contract);
        const coder = new Interface(abi);
        const selectors = new Map<string, string>();
        coder.forEachFunction(({ name, selector, constant }) => {
          if (!constant) selectors.set(name, selector);
        });
        for (const [name, selector] of selectors) {
          const expected = Object.entries(functions).find(([listed]) => listed === name)?.[1];
          const actual = await manager.call("getTargetFunctionRole", [target, selector]);
          const where = `${contract}.${name}`;
          // What asks for no role, or only the manager, has none of its own.
          expect(actual, where).to.equal(expected ?? ROLES.administrator);
          for (const [who, address] of [...Object.entries(people), ["stranger", stranger]]) {
            const held = HOLDERS.find(
              (holder) => holder.who === who && ROLES[holder.role] === actual,
            );
            const { immediate, delay } = await manager.call("canCall", [
              address ?? "",
              target,
              selector,
            ]);
            const delayed = held?.delayed ?? false;
            expect(immediate, `${where} by ${who}`).to.equal(held !== undefined && !delayed);
            expect(delay, `${where} by ${who}`).to.equal(delayed ? BigInt(DELAY) : 0n);
            asked++;
          }
        }
      }
      expect(asked).to.be.greaterThan(400);
    });

    it("are asked for by exactly the functions of the table", async () => {
      const refusing: string[] = [];
      const targets = [
        ...managedContracts.map((name) => ({ name, abi: new Interface(roleTable[name].abi) })),
        { name: "accessManager", abi: new Interface(accessManagerAbi) },
      ];
      const refusals = Interface.from([
        "error AccessManagedUnauthorized(address)",
        "error AccessManagerUnauthorizedAccount(address,uint64)",
      ]);
      for (const { name: contract, abi } of targets) {
        const fragments: Parameters<Parameters<typeof abi.forEachFunction>[0]>[0][] = [];
        abi.forEachFunction((fragment) => fragments.push(fragment));
        for (const fragment of fragments.filter(({ constant }) => !constant)) {
          const data = abi.encodeFunctionData(fragment, fragment.inputs.map(some));
          const call = { from: stranger, to: addressOf(contract), data };
          const reason = await chain.reader.call(call).then(
            () => undefined,
            (error: unknown) => revertDataOf(error),
          );
          const known = reason !== undefined && reason.length >= 10;
          const refused = known && refusals.parseError(reason) !== null;
          if (refused) refusing.push(`${contract}.${fragment.name}`);
        }
      }
      const listed = restrictedFunctions().map(({ contract, name }) => `${contract}.${name}`);
      expect(refusing).to.have.members(listed);
    });

    it("P3: give a thief of the governor's key nothing at once, not even another delay", async () => {
      const refusals = Interface.from([
        "error AccessManagerNotScheduled(bytes32)",
        "error AccessManagedUnauthorized(address)",
      ]);
      let tried = 0;
      for (const { contract, name } of restrictedFunctions()) {
        const abi = new Interface(
          managedContracts
            .filter((managed) => managed === contract)
            .map((managed) => roleTable[managed].abi)[0] ?? accessManagerAbi,
        );
        const fragment = abi.getFunction(name);
        if (fragment === null) throw new Error(`${contract} has no ${name}`);
        const data = abi.encodeFunctionData(fragment, fragment.inputs.map(some));
        const call = { from: people.governor, to: addressOf(contract), data };
        const reason = await chain.reader.call(call).then(
          () => "",
          (error: unknown) => revertDataOf(error) ?? "",
        );
        const refused = reason.length >= 10 && refusals.parseError(reason) !== null;
        expect(refused, `${contract}.${name}: ${reason}`).to.equal(true);
        tried++;
      }
      expect(tried).to.be.greaterThan(50);
    });

    it("are each held by somebody, and every holder is of the table", () => {
      for (const role of roles) {
        expect(
          HOLDERS.some((holder) => holder.role === role),
          role,
        ).to.equal(true);
      }
    });
  });
});
