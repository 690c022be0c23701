/** Worth trying again, unchanged: the network, a node that is behind, a full queue. */
export class RetryableError extends Error {
  override readonly name: string = "RetryableError";
}

/** Not worth doing now, and why. Nothing was spent. */
export class SkippedError extends Error {
  override readonly name: string = "SkippedError";
}

/** The chain, the manifest or the wallet is not what the settings say. Trying again would not help. */
export class FatalError extends Error {
  override readonly name: string = "FatalError";
}

/** What an error says, in one line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
