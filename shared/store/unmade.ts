/** The errors that say that the write was not made, so it may be sent again. Any other error leaves that open. */
const UNMADE: ReadonlySet<string> = new Set([
  'TransactionConflictException',
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
]);

/** Whether an error says that the write was not made. */
export const isUnmade = (error: unknown): boolean => error instanceof Error && UNMADE.has(error.name);
