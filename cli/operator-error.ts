/** An error that the operator can fix. Its message is a line or two and names the next step. Exit code 1. */
export class OperatorError extends Error {
  override readonly name: string = 'OperatorError';
}

/** An error in the command line itself. Exit code 2. */
export class UsageError extends OperatorError {
  override readonly name = 'UsageError';
}
