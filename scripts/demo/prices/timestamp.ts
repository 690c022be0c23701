/** Whole numbers from here on are milliseconds: as seconds they would lie beyond the year 5000. */
const FIRST_MILLISECONDS = 100_000_000_000n;
const ISO_TEXT =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d+))?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?$/i;

/** {s} Unix seconds from unix seconds, unix milliseconds or an ISO 8601 time; without a zone the time is UTC. */
export function parseTimestamp(text: string, fail: (reason: string) => never): bigint {
  if (text === "") fail("the time is missing");
  const number = /^(\d+)(?:\.(0*))?$/.exec(text);
  return number?.[1] === undefined
    ? parseIso(text, fail)
    : parseUnix({ text, value: BigInt(number[1]) }, fail);
}

function parseUnix(
  { text, value }: { text: string; value: bigint },
  fail: (reason: string) => never,
): bigint {
  if (value < FIRST_MILLISECONDS) return value;
  if (value % 1000n !== 0n) fail(`the time ${text} (milliseconds) is not a whole second`);
  return value / 1000n;
}

function parseIso(text: string, fail: (reason: string) => never): bigint {
  const [match, date = "", clock = "00:00", seconds = "00", fraction = "", zone = "Z"] =
    ISO_TEXT.exec(text) ?? [];
  const local = Date.parse(`${date}T${clock}:${seconds}Z`);
  // Date rolls the 30th of February over into March; writing it back shows that.
  const isReal =
    !Number.isNaN(local) && new Date(local).toISOString().startsWith(`${date}T${clock}`);
  if (match === undefined || !isReal) {
    fail(`the time "${text}" is neither unix seconds, unix milliseconds nor an ISO 8601 time`);
  }
  if (/[1-9]/.test(fraction)) fail(`the time "${text}" is not a whole second`);
  return BigInt(local) / 1000n - offsetSeconds(zone);
}

/** {s} How far a zone is ahead of UTC. */
function offsetSeconds(zone: string): bigint {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone) ?? [];
  if (hours === undefined || minutes === undefined) return 0n;
  const seconds = BigInt(hours) * 3600n + BigInt(minutes) * 60n;
  return sign === "-" ? -seconds : seconds;
}
