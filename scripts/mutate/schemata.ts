import { type Wrap, wrapParts } from "../instrument/edits.ts";
import { importProbe } from "../instrument/probe.ts";
import type { Site } from "./sites.ts";

/** A site and the number it goes by while tests run. */
export interface Mutant {
  readonly id: number;
  readonly site: Site;
}

/** Writes all mutants of a file into it: each part that one changes becomes a choice by the number of the running mutant. */
export function writeMutants(file: string, source: Buffer, mutants: readonly Mutant[]): string {
  const byPart = new Map<string, Mutant[]>();
  for (const mutant of mutants) {
    const { form, start, end } = mutant.site;
    const key = `${form} ${start} ${end}`;
    byPart.set(key, [...(byPart.get(key) ?? []), mutant]);
  }
  const wraps = [...byPart.values()].map(wrapOf);
  if (wraps.length === 0) return source.toString("utf8");
  return `${wrapParts(source, wraps)}\n${importProbe(file, ["mutantIs"])}\n`;
}

function wrapOf(mutants: readonly Mutant[]): Wrap {
  const [first] = mutants;
  if (first === undefined) throw new RangeError("A part is wrapped for at least one mutant");
  const { start, end, form } = first.site;
  return {
    start,
    end,
    ...(form === "value" ? choiceOfValue(mutants) : choiceOfStatement(mutants)),
  };
}

function choiceOfValue(mutants: readonly Mutant[]) {
  const choices = mutants.map(({ id, site }) => `mutantIs(${id}) ? (${site.replacement}) : `);
  return { before: `(${choices.join("")}(`, after: "))" };
}

function choiceOfStatement(mutants: readonly Mutant[]) {
  const choices = mutants.map(({ id, site }) => {
    const statement = site.replacement.replace(/^[\s;]+$/, "");
    return `if (mutantIs(${id})) { ${statement} } else `;
  });
  return { before: `{ ${choices.join("")}{ `, after: " } }" };
}

/** The mutant in whose text the compiler found an error: the first within the place it names, else the last before it. */
export function mutantAt(instrumented: Buffer, start: number, end: number): number | null {
  const probe = /mutantIs\((\d+)\)/g;
  const [within] = instrumented.toString("utf8", start, end).matchAll(probe);
  const before = [...instrumented.toString("utf8", 0, start).matchAll(probe)].at(-1);
  const id = (within ?? before)?.[1];
  return id === undefined ? null : Number(id);
}
