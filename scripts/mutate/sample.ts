import { Random } from "../demo/random.ts";

/** The fewest of a folder that a sample takes, so that a small folder's score means something. */
const FEWEST = 40;

/** Draws about `count` items: of each folder its share, and no fewer than `FEWEST` (or all there are). The same for the same seed. */
export function drawSample<T>(
  items: readonly T[],
  folderOf: (item: T) => string,
  count: number,
  seed: number,
): T[] {
  if (count >= items.length) return [...items];
  const drawn: T[] = [];
  for (const [folder, own] of Map.groupBy(items, folderOf)) {
    const share = Math.round((own.length * count) / items.length);
    const random = Random.stream({ seed, purpose: `mutants of ${folder}` });
    drawn.push(...shuffled(own, random).slice(0, Math.max(share, FEWEST)));
  }
  return drawn;
}

export function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, key: random.nextUint64() }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ item }) => item);
}
