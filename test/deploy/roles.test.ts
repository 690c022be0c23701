import { globSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { managedFunctions } from "../../deploy/roles.ts";

// AUTH-1: only a reviewed list of functions asks for a role.
describe("roles", () => {
  it("says of every restricted function whom it is for", () => {
    const restricted = globSync("contracts/**/*.sol").flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/function (\w+)\([^)]*\)[^{;]*\brestricted\b/g)].map(
        ([, name]) => `${/(\w+)\.sol$/.exec(file)?.[1]}.${name}`,
      ),
    );
    const listed = managedFunctions().map(
      ({ contract, name }) => `${contract.charAt(0).toUpperCase()}${contract.slice(1)}.${name}`,
    );
    expect(restricted.length).to.be.greaterThan(10);
    expect(listed).to.have.members(restricted);
  });
});
