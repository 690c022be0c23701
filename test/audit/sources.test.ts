import { expect } from "chai";
import { deployableSources, soliditySources } from "../../scripts/instrument/sources.ts";
import { deployedBy } from "../../scripts/instrument/suites.ts";

/** Names of the contracts and libraries that a source defines. */
function definedIn(text: string): string[] {
  return [...text.matchAll(/^(?:abstract )?(?:contract|library) (\w+)/gm)].map(
    ([, name = ""]) => name,
  );
}

describe("sources to instrument", () => {
  it("hold whatever tests deploy from packages", () => {
    const defined = new Set([...deployableSources().values()].flatMap(definedIn));
    expect(defined).to.include("ClearingHouse");
    expect(defined).to.include("AccessManager");
    const tests = soliditySources("test/**/*.sol");
    const deployed = [...tests].flatMap(([file, text]) =>
      file.startsWith("test/")
        ? [...text.matchAll(/\bdeploy\("(\w+)"/g)].map(([, name = ""]) => name)
        : [],
    );
    const own = new Set([...tests.values()].flatMap(definedIn));
    expect(deployed).to.include("AccessManager");
    expect(deployedBy(tests)).to.include.members([...new Set(deployed)]);
    const missing = [...new Set(deployed)].filter((name) => !defined.has(name) && !own.has(name));
    expect(missing).to.deep.equal([]);
  });
});
