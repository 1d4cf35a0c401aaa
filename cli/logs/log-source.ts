/** A function, by the name of its file in handlers/. */
export type Role =
  | 'authorize'
  | 'broadcast'
  | 'catch-up'
  | 'connect'
  | 'default'
  | 'disconnect'
  | 'from-table'
  | 'shard-worker'
  | 'minus'
  | 'on-message'
  | 'ping'
  | 'plus'
  | 'presence'
  | 'publish'
  | 'set-presence'
  | 'subscribe'
  | 'unsubscribe';

/** A query for log lines. */
export interface LogQuery {
  /** Texts that a line must contain, all of them. */
  readonly contains: readonly string[];
  /** The functions whose lines are read. The local runtime ignores this and searches all lines. */
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

/** A source of the functions' log lines. */
export interface LogSource {
  readonly find: (wanted: LogQuery) => Promise<readonly WrittenLine[]>;
  /** The reasons, in sentences, why lines could not be read. Empty while all could. */
  readonly unread: ReadonlySet<string>;
  /** Empties `unread`: a command that reads again and again reports the failures of its last reading. */
  readonly forgetUnread: () => void;
  readonly close: () => void;
}
