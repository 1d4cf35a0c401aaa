/** A function, by the name of its file in handlers/. */
export type Role =
  | 'broadcast'
  | 'catch-up'
  | 'connect'
  | 'default'
  | 'disconnect'
  | 'shard-worker'
  | 'minus'
  | 'on-message'
  | 'plus'
  | 'publish'
  | 'subscribe'
  | 'unsubscribe';

/** Which lines are looked for. */
export interface Wanted {
  /** Texts that a line must have, all of them. */
  readonly contains: readonly string[];
  /** The functions that may have written it: no other's lines are read. The local runtime looks through all. */
  readonly roles: readonly Role[];
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

/** A line as a function wrote it. */
export interface WrittenLine {
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly requestId?: string | undefined;
  readonly message: string;
}

/** Where the functions' log lines are kept. */
export interface LogSource {
  readonly find: (wanted: Wanted) => Promise<readonly WrittenLine[]>;
  /** Why not all that was looked for could be read, in sentences; empty while it could. */
  readonly unread: ReadonlySet<string>;
  readonly close: () => void;
}
