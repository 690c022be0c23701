/** The cells of a row of a Markdown table, without code marks. */
export const cellsOf = (row: string): string[] =>
  row
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll("`", ""));

/** The rows of the Markdown table whose head starts with `head`. */
export function rowsBelow(lines: readonly string[], head: string): string[][] {
  const rows = lines.slice(lines.findIndex((line) => line.startsWith(head)) + 2);
  const end = rows.findIndex((line) => !line.startsWith("|"));
  return rows.slice(0, end === -1 ? undefined : end).map(cellsOf);
}
