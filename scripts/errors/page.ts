import type { Remedy } from "../../sdk/src/errorRemedies.ts";
import type { DeclaredError, ErrorEntry } from "./registry.ts";

const HEAD = `<!-- Written by \`npm run check:errors -- --write\` from the contracts and the error registry of the SDK. Do not edit. -->

# Errors

Every refusal of a deployed contract, of the contracts it inherits from and of those it calls is here once, by what there is to do about it. The SDK says the same of an error that it is given:
\`explainError(error)\` returns the sentence with the values filled in, the hint of its chapter, and where it stands on this page.

In a sentence, \`{name}\` is the error's argument of that name as people write it: accounts as owner and number, D18 amounts as decimal numbers, times as dates.
`;

/** What nodes report without a contract having declared it. */
const BUILT_IN: Readonly<Record<string, { signature: string; notice: string }>> = {
  Error: {
    signature: "Error(string reason)",
    notice: "A reason in words, from a contract outside this system: a token, or a feed.",
  },
  Panic: {
    signature: "Panic(uint256 code)",
    notice: "The compiler's own check failed; the sentence says which.",
  },
};

export interface PageInput {
  readonly entries: readonly ErrorEntry[];
  readonly sentences: Readonly<Record<string, string>>;
  readonly remedies: readonly Remedy[];
  readonly declared: readonly DeclaredError[];
}

/** docs/errors.md: a chapter for each remedy, a heading for each error. */
export function errorsPage({ entries, sentences, remedies, declared }: PageInput): string {
  const section = (name: string): string => {
    const entry = entries.find((candidate) => candidate.name === name);
    const source = declared.find((candidate) => candidate.name === name);
    const builtIn = BUILT_IN[name];
    const signature = entry === undefined ? (builtIn?.signature ?? name) : signatureOf(entry);
    const origin =
      source !== undefined
        ? ` in [${source.file.replace(/^contracts\//, "")}](../${source.file})`
        : builtIn === undefined
          ? " of a library"
          : "";
    const notice = source?.notice ?? builtIn?.notice ?? "";
    const sentence = sentences[name];
    return [
      `### ${name}`,
      `\`${signature}\`${origin}`,
      ...(notice === "" ? [] : [textOf(notice)]),
      ...(sentence === undefined ? [] : [`> ${textOf(sentence)}`]),
    ].join("\n\n");
  };
  const chapters = remedies.map(({ title, hint, errors }) =>
    [`## ${title}`, hint, ...errors.map(section)].join("\n\n"),
  );
  return `${[HEAD.trimEnd(), ...chapters].join("\n\n")}\n`;
}

function signatureOf({ name, inputs }: ErrorEntry): string {
  const written = inputs.map(
    ({ internalType, name: argument }) => `${internalType.replace(/^enum /, "")} ${argument}`,
  );
  return `${name}(${written.join(", ")})`;
}

/** Text that Markdown shows as it is. */
function textOf(text: string): string {
  return text.replaceAll("<", "&lt;").replaceAll("*", "\\*");
}
