import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { InputError } from "../demo/input-error.ts";
import { CHECK_USAGE, parseCheckOptions } from "./cli.ts";
import { differences, parseSnapshot } from "./compare.ts";
import { main } from "./main.ts";
import { measureAll } from "./measure.ts";
import { differencesTable } from "./table.ts";

const SNAPSHOT = "test/gas/snapshot.json";

await main(async () => {
  const options = parseCheckOptions(process.argv.slice(2));
  if (options === null) return console.log(CHECK_USAGE);
  const isThere = existsSync(SNAPSHOT);
  if (!isThere && !options.update) {
    throw new InputError(`${SNAPSHOT} is missing: make it with npm run gas:check -- --update`);
  }
  // An unreadable snapshot may be replaced, but not compared with.
  const before = options.update ? null : parseSnapshot(readFileSync(SNAPSHOT, "utf8"), SNAPSHOT);
  const figures = await measureAll();
  if (before === null) {
    writeFileSync(SNAPSHOT, `${JSON.stringify(figures, null, 2)}\n`);
    return console.log(`${SNAPSHOT} holds the figures measured now.`);
  }
  const rows = differences(before, figures);
  console.log(differencesTable(rows));
  const worse = rows.filter((row) => row.worse);
  if (worse.length === 0) return;
  throw new InputError(
    `${worse.length} of ${Object.keys(figures).length} operations take more than 0.5 % above ${SNAPSHOT}. ` +
      "Where that is meant, renew it with npm run gas:check -- --update and say why in the change.",
  );
});
