import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import {
  configSchema,
  flagOf,
  settingNames,
  variableOf,
} from "../../keepers/src/config/configSchema.ts";
import { loadConfig } from "../../keepers/src/config/loadConfig.ts";
import { createMetrics } from "../../keepers/src/watch/metrics.ts";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/keepers.md"), "utf8");

describe("the operator's page", () => {
  it("has every setting with its flag or variable and what the schema says of it", () => {
    for (const name of settingNames) {
      const field = Object.entries(configSchema.shape).find(([key]) => key === name)?.[1];
      const row = page
        .split("\n")
        .find((line) => line.startsWith(`| \`${flagOf(name) ?? variableOf(name)}\``));
      expect(row, name).to.contain(field?.description);
    }
  });

  it("has every metric", () => {
    const own = Object.values(createMetrics())
      .flatMap((metric) => ("name" in metric ? [metric.name] : []))
      .filter((name) => typeof name === "string");
    expect(own).to.have.length.greaterThan(10);
    for (const name of own) expect(page).to.contain(`\`${name}`);
  });

  it("comes with an example that is accepted", () => {
    const file = join(root, "keepers/config.example.json");
    expect(loadConfig({ flags: {}, environment: {}, file }).port).to.equal(9464);
  });
});
