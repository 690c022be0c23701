// npm run check:errors [-- --write]: the registry of errors is complete, and docs/errors.md is what it says.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { errorsAbi } from "../sdk/src/abis/errors.ts";
import { errorRemedies } from "../sdk/src/errorRemedies.ts";
import { errorSentences } from "../sdk/src/errorSentences.ts";
import { errorsPage } from "./errors/page.ts";
import { declaredErrors, registryProblems } from "./errors/registry.ts";

const PAGE = "docs/errors.md";

/** Every custom error of every contract has a sentence with its values, a hint, and a place in the docs. */
export function checkErrors(): string[] {
  const page = currentPage();
  const isCurrent = existsSync(PAGE) && readFileSync(PAGE, "utf8") === page;
  return [
    ...registryProblems(registry()),
    ...(isCurrent ? [] : [`${PAGE} is not current: run npm run check:errors -- --write`]),
  ];
}

function registry() {
  return {
    entries: errorsAbi,
    sentences: errorSentences,
    remedies: errorRemedies,
    declared: declaredErrors(),
  };
}

function currentPage(): string {
  return errorsPage(registry());
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv.includes("--write")) writeFileSync(PAGE, currentPage());
  const problems = checkErrors();
  for (const problem of problems) console.error(problem);
  const count = problems.length;
  console.log(
    `checkErrors: ${count === 0 ? "ok" : `${count} problems`} (${errorsAbi.length} errors)`,
  );
  if (count > 0) process.exitCode = 1;
}
