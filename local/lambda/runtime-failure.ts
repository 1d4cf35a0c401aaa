/** A failure of the runtime itself, whose error type Lambda names `Runtime.…`. */
export class RuntimeFailure extends Error {
  constructor(errorType: string, message: string, stack?: string) {
    super(message);
    this.name = `Runtime.${errorType}`;
    if (stack !== undefined) this.stack = stack;
  }
}
