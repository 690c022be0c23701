/** What stands in the way of a deployment, for those who act on it. */
export type DeployErrorKind =
  | "network"
  | "rpcUrl"
  | "key"
  | "unreachable"
  | "chain"
  | "feed"
  | "token"
  | "funds"
  | "failed"
  | "refused"
  | "interrupted";

/** A deployment that did not happen; the message says why, and what to do. */
export class DeployError extends Error {
  override readonly name = "DeployError";
  readonly kind: DeployErrorKind;

  constructor(kind: DeployErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
