/** A mistake of the person at the terminal: one line. */
export class UsageError extends Error {}
