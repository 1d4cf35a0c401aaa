/** A user's mistake on the command line, printed as one line. */
export class BenchUsageError extends Error {}
