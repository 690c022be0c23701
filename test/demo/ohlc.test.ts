import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { formatNearest } from "../../scripts/demo/format.ts";
import {
  type OhlcBar,
  PriceFileError,
  parseOhlc,
  readOhlcFile,
} from "../../scripts/demo/prices/ohlc.ts";
import { ONE } from "../../sdk/src/amounts.ts";

const HEADER = "unix,open,high,low,close";
const ROWS = [
  "1000,100,110,90,105",
  "1060,105,106,104,105.5",
  "1120,105,120,100,101",
  "1180,101,102,99,100",
];

const parse = (text: string) => parseOhlc({ file: "prices.csv", text });
const parseRows = (rows: readonly string[], header = HEADER) => parse([header, ...rows].join("\n"));
/** The good rows with one of them replaced; row 1 stands on line 2. */
const withRow = (row: number, text: string) =>
  ROWS.map((good, index) => (index === row - 1 ? text : good));

function caught(action: () => unknown): PriceFileError {
  try {
    action();
  } catch (error) {
    if (error instanceof PriceFileError) return error;
    throw error;
  }
  throw new Error("expected a PriceFileError, nothing was thrown");
}

function expectFailure(action: () => unknown, expected: { line: number | null; reason: string }) {
  const error = caught(action);
  expect(error.file).to.equal("prices.csv");
  expect({ line: error.line, reason: error.reason }).to.deep.equal(expected);
  expect(error.message).to.equal(
    expected.line === null
      ? `prices.csv: ${expected.reason}`
      : `prices.csv, line ${expected.line}: ${expected.reason}`,
  );
}

describe("demo: price file, what is refused", () => {
  it("an empty file", () => {
    for (const text of ["", "\n", "\uFEFF", " \r\n\r\n"]) {
      expectFailure(() => parse(text), { line: null, reason: "is empty" });
    }
  });

  it("a header alone, and a single row", () => {
    expectFailure(() => parse(`${HEADER}\n`), { line: null, reason: "has a header but no rows" });
    expectFailure(() => parseRows(ROWS.slice(0, 1)), {
      line: 2,
      reason: "is the only row; at least two are needed to know how long a bar is",
    });
  });

  it("missing columns, named", () => {
    expectFailure(() => parseRows(ROWS, "date,open,high,close"), {
      line: 1,
      reason: 'the header lacks `unix` (or `timestamp`), `low`; it reads "date,open,high,close"',
    });
    expectFailure(() => parse(ROWS.join("\n")), {
      line: 1,
      reason:
        'the header lacks `unix` (or `timestamp`), `open`, `high`, `low`, `close`; it reads "1000,100,110,90,105"',
    });
  });

  it("a column named twice", () => {
    expectFailure(() => parseRows(ROWS, "unix,open,high,low,close,open"), {
      line: 1,
      reason: "the header names `open` twice",
    });
  });

  it("a wrong number of fields", () => {
    expectFailure(() => parseRows(withRow(3, "1120,105,120,100")), {
      line: 4,
      reason: "has 4 fields where the header has 5",
    });
    expectFailure(() => parseRows(withRow(2, "1060,105,106,104,105,9")), {
      line: 3,
      reason: "has 6 fields where the header has 5",
    });
  });

  it("a blank row in the middle, and a stray quote", () => {
    expectFailure(() => parseRows(withRow(2, " ")), { line: 3, reason: "is blank" });
    expectFailure(() => parseRows(withRow(2, '1060,"105,106,104,105')), {
      line: 3,
      reason: 'has a stray quote in "1060,"105,106,104,105"',
    });
  });

  it("what is not a number", () => {
    expectFailure(() => parseRows(withRow(1, "1000,100,11o,90,105")), {
      line: 2,
      reason: 'high "11o" is not a decimal number; write it like 1234.5',
    });
    expectFailure(() => parseRows(withRow(4, "1180,101,102,,100")), {
      line: 5,
      reason: "low is missing",
    });
    expectFailure(() => parseRows(withRow(2, "1060,105,106,104,105.1234567890123456789")), {
      line: 3,
      reason: 'close "105.1234567890123456789" has 19 decimals; at most 18 can be represented',
    });
  });

  it("a price of zero or below", () => {
    expectFailure(() => parseRows(withRow(3, "1120,105,120,-100,101")), {
      line: 4,
      reason: "low is -100, but a price must be above zero",
    });
    expectFailure(() => parseRows(withRow(3, "1120,0.00,120,100,101")), {
      line: 4,
      reason: "open is 0.00, but a price must be above zero",
    });
  });

  it("prices that contradict each other", () => {
    expectFailure(() => parseRows(withRow(2, "1060,105,104,106,105")), {
      line: 3,
      reason: "high 104 is below low 106",
    });
    expectFailure(() => parseRows(withRow(2, "1060,103,106,104,105")), {
      line: 3,
      reason: "open 103 is outside low 104 … high 106",
    });
    expectFailure(() => parseRows(withRow(2, "1060,105,106,104,106.5")), {
      line: 3,
      reason: "close 106.5 is outside low 104 … high 106",
    });
  });

  it("a time it cannot read", () => {
    const reason = (text: string) =>
      `the time "${text}" is neither unix seconds, unix milliseconds nor an ISO 8601 time`;
    for (const text of ["yesterday", "-60", "12/03/2020", "2020-02-30", "2020-03-12T25:00Z"]) {
      expectFailure(() => parseRows(withRow(2, `${text},105,106,104,105`)), {
        line: 3,
        reason: reason(text),
      });
    }
    expectFailure(() => parseRows(withRow(2, ",105,106,104,105")), {
      line: 3,
      reason: "the time is missing",
    });
    expectFailure(() => parseRows(withRow(2, "1584008700123,105,106,104,105")), {
      line: 3,
      reason: "the time 1584008700123 (milliseconds) is not a whole second",
    });
    expectFailure(() => parseRows(withRow(2, "2020-03-12T00:00:00.5Z,105,106,104,105")), {
      line: 3,
      reason: 'the time "2020-03-12T00:00:00.5Z" is not a whole second',
    });
  });

  it("rows out of order", () => {
    expectFailure(() => parseRows(ROWS.toReversed()), {
      line: 3,
      reason: "is 1 min before the row above; rows must be sorted, oldest first",
    });
  });

  it("the same time twice", () => {
    expectFailure(() => parseRows([...ROWS.slice(0, 2), ...ROWS.slice(1)]), {
      line: 4,
      reason: "has the same time as the row above; remove the duplicate",
    });
  });

  it("a gap", () => {
    expectFailure(() => parseRows(["880,100,100,100,100", ...ROWS]), {
      line: 3,
      reason: "is 2 min after the row above where rows are 1 min apart: 1 row is missing before it",
    });
    expectFailure(() => parseRows([...ROWS, "1270,100,100,100,100"]), {
      line: 6,
      reason: "is 90 s after the row above where rows are 1 min apart",
    });
  });

  it("bars too short to be walked in whole seconds", () => {
    expectFailure(() => parseRows(["10,1,1,1,1", "13,1,1,1,1"]), {
      line: 3,
      reason:
        "rows are 3 s apart; each is played in 4 steps of whole seconds, so bars of 4 s or longer are needed",
    });
    expect(parseRows(["10,1,1,1,1", "14,1,1,1,1"]).intervalSeconds).to.equal(4n);
  });
});

describe("demo: price file on disk", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "demo-prices-"));
  });
  after(async () => {
    await rm(folder, { recursive: true });
  });

  async function reasonFor(file: string): Promise<string> {
    try {
      await readOhlcFile(file);
    } catch (error) {
      if (error instanceof PriceFileError) return error.message;
      throw error;
    }
    throw new Error("expected a PriceFileError, nothing was thrown");
  }

  it("says when there is no such file, when it is a folder, when it is not text", async () => {
    const missing = join(folder, "missing.csv");
    expect(await reasonFor(missing)).to.equal(`${missing}: there is no such file`);
    expect(await reasonFor(folder)).to.equal(`${folder}: is a folder, not a file`);
    const utf16 = join(folder, "utf16.csv");
    await writeFile(utf16, new Uint8Array([0xff, 0xfe, 0x75, 0x00]));
    expect(await reasonFor(utf16)).to.equal(
      `${utf16}: is not UTF-8 text; save it as a UTF-8 CSV file`,
    );
  });

  it("reads a file with byte order mark, CRLF and trailing blank lines", async () => {
    const file = join(folder, "windows.csv");
    await writeFile(file, `\uFEFF${[HEADER, ...ROWS].join("\r\n")}\r\n\r\n`);
    expect(await readOhlcFile(file)).to.deep.equal(parseRows(ROWS));
  });
});

describe("demo: price file, what is read", () => {
  it("columns in any order and case, others ignored, fields quoted or not", () => {
    const expected = parseRows(ROWS.slice(0, 2));
    const shuffled = [
      "1,100,note,90,1000,110,105",
      '2,"105","a, ""quoted"" note",104, 1060 ,106,105.5',
    ];
    expect(parseRows(shuffled, "id,Open,note,LOW,Timestamp,high,close")).to.deep.equal(expected);
  });

  it("the same instant in seconds, milliseconds and ISO 8601", () => {
    const spellings = [
      ["1583971200", "1583974800"],
      ["1583971200.0", "1583974800.0"],
      ["1583971200000", "1583974800000"],
      ["2020-03-12", "2020-03-12T01:00"],
      ["2020-03-12T00:00:00Z", "2020-03-12 01:00:00"],
      ["2020-03-12T00:00:00.000Z", "2020-03-12 01:00:00 UTC"],
      ["2020-03-12T05:30:00+05:30", "2020-03-11T20:00:00-0500"],
    ];
    for (const times of spellings) {
      const series = parseRows(
        times.map((time) => `${time},1,1,1,1`),
        "timestamp,open,high,low,close",
      );
      expect(series.bars.map((bar) => bar.timestamp)).to.deep.equal([1583971200n, 1583974800n]);
      expect(series.intervalSeconds).to.equal(3600n);
    }
  });

  it("prefers `unix` where both times are given", () => {
    const rows = ["x,1000,1,1,1,1", "y,1060,1,1,1,1"];
    expect(parseRows(rows, "timestamp,unix,open,high,low,close").intervalSeconds).to.equal(60n);
  });

  const price = fc.bigInt(1n, 10n ** 30n);
  const anyBar = fc.tuple(price, price, price, price).map((prices) => {
    const [low = 0n, open = 0n, close = 0n, high = 0n] = prices.toSorted((a, b) =>
      a < b ? -1 : 1,
    );
    return { open, high, low, close };
  });
  const anySeries = fc
    .record({
      start: fc.bigInt(0n, 5_000_000_000n),
      intervalSeconds: fc.bigInt(4n, 86_400n),
      shapes: fc.array(anyBar, { minLength: 2, maxLength: 30 }),
    })
    .map(({ start, intervalSeconds, shapes }) => ({
      intervalSeconds,
      bars: shapes.map(
        (shape, index): OhlcBar => ({
          timestamp: start + BigInt(index) * intervalSeconds,
          ...shape,
        }),
      ),
    }));
  const rowOf = (bar: OhlcBar) =>
    [
      bar.timestamp.toString(),
      ...[bar.open, bar.high, bar.low, bar.close].map((d18) => formatNearest(d18, 18)),
    ].join(",");

  it("any series, to the last digit", () => {
    fc.assert(
      fc.property(anySeries, (series) => {
        expect(parseRows(series.bars.map(rowOf))).to.deep.equal(series);
      }),
    );
  });

  it("and blames the right line whichever row is broken", () => {
    const breakRow: readonly ((bar: OhlcBar) => string)[] = [
      (bar) => rowOf({ ...bar, low: -bar.low }),
      (bar) => rowOf({ ...bar, high: bar.low - 1n, low: bar.low + ONE }),
      (bar) => rowOf({ ...bar, open: bar.high + 1n }),
      (bar) => `${rowOf(bar)},extra`,
      (bar) => rowOf(bar).replace(",", ",x"),
      (bar) => rowOf({ ...bar, timestamp: bar.timestamp + 1n }),
      () => "",
    ];
    fc.assert(
      fc.property(anySeries, fc.nat(), fc.constantFrom(...breakRow), (series, pick, broken) => {
        fc.pre(series.bars.length > 4);
        // The last row is left alone: breaking it may just make the file shorter.
        const index = 1 + (pick % (series.bars.length - 2));
        const rows = series.bars.map((bar, i) => (i === index ? broken(bar) : rowOf(bar)));
        expect(caught(() => parseRows(rows)).line).to.equal(index + 2);
      }),
    );
  });
});
