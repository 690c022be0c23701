/** Splits one line of a CSV file (RFC 4180, without line breaks inside quotes); blanks around a field are dropped. */
export function parseCsvLine(line: string, fail: (reason: string) => never): string[] {
  const fields: string[] = [];
  for (let rest = line; ; ) {
    const [whole = "", quoted, plain = "", separator] =
      /^\s*(?:"((?:[^"]|"")*)"\s*|([^",]*))(,|$)/.exec(rest) ??
      fail(`has a stray quote in "${line}"`);
    fields.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"').trim());
    if (separator === "") return fields;
    rest = rest.slice(whole.length);
  }
}
