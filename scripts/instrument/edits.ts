/** Text put around a part of a source. Parts nest or are apart. */
export interface Wrap {
  readonly start: number;
  readonly end: number;
  readonly before: string;
  readonly after: string;
}

/** The source, as bytes, with text around some of its parts. Of two wraps of one part, the first is the outer one. */
export function wrapParts(source: Buffer, wraps: readonly Wrap[]): string {
  const inserts: { at: number; text: string; rank: readonly [number, number, number] }[] = [];
  for (const [order, { start, end, before, after }] of wraps.entries()) {
    const length = end - start;
    // At one place, what ends comes before what begins; the longer part is outside.
    inserts.push({ at: start, text: before, rank: [1, -length, order] });
    inserts.push({ at: end, text: after, rank: [0, length, -order] });
  }
  inserts.sort(
    (a, b) =>
      a.at - b.at || a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1] || a.rank[2] - b.rank[2],
  );
  const pieces: string[] = [];
  let done = 0;
  for (const { at, text } of inserts) {
    pieces.push(source.toString("utf8", done, at), text);
    done = at;
  }
  pieces.push(source.toString("utf8", done));
  return pieces.join("");
}

/** A part of a source with a smaller part of it replaced. */
export function replaceWithin(
  source: Buffer,
  outer: { readonly start: number; readonly end: number },
  inner: { readonly start: number; readonly end: number },
  text: string,
): string {
  return (
    source.toString("utf8", outer.start, inner.start) +
    text +
    source.toString("utf8", inner.end, outer.end)
  );
}

/** Line numbers, from 1, of byte offsets. */
export function lineOf(source: Buffer, offset: number): number {
  let line = 1;
  for (let at = source.indexOf(10); at !== -1 && at < offset; at = source.indexOf(10, at + 1))
    line += 1;
  return line;
}

/** Source text on one line, shortened. */
export function oneLine(text: string, longest = 160): string {
  const flat = text.replace(/\s+/g, " ").trim();
  return flat.length <= longest ? flat : `${flat.slice(0, longest - 1)}…`;
}
