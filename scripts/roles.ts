import { readFileSync, writeFileSync } from "node:fs";
import { readParameters } from "../deploy/readParameters.ts";
import { withRoleTables } from "../deploy/rolesTable.ts";

const PAGE = "docs/roles.md";

/** Writes the tables of the page from the deployment's own. */
writeFileSync(PAGE, withRoleTables(readFileSync(PAGE, "utf8"), await readParameters("sepolia")));
console.log(`${PAGE} has the tables of the deployment as it is now.`);
