import { InputError } from "../demo/input-error.ts";

/** Runs a command; what a person can mend is told in one message, without a stack. */
export async function main(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    console.error(error instanceof InputError ? error.message : error);
    process.exitCode = 1;
  }
}
