/** Something this machine lacks. */
export class Missing extends Error {
  override readonly name = "Missing";
}
