/** What the operator can put right, said in a line or two that name the next step. Exit code 1. */
export class OperatorError extends Error {
  override readonly name: string = 'OperatorError';
}

/** The command line itself is wrong. Exit code 2. */
export class UsageError extends OperatorError {
  override readonly name = 'UsageError';
}
