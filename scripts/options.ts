import { type ParseArgsConfig, parseArgs } from "node:util";
import { InputError } from "./demo/input-error.ts";

/** The values of a command's options. One that it does not have is refused, with its usage. */
export function readOptions<const T extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  usage: string,
  options: T,
) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new InputError(`${cause.message}\n\n${usage}`, { cause });
  }
}

/** How many of something an option says. */
export function countOf(option: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new InputError(`--${option} is "${text}"; it takes a whole number of at least 1`);
}
