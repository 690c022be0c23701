/** Something a person typed or handed over is wrong. The message is the whole story; no stack is shown. */
export class InputError extends Error {
  override readonly name: string = "InputError";
}
