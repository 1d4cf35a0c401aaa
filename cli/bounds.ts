/** Bounds of the operator's command line. Each stands in docs/limits.md too. */
export const CLI_BOUNDS = {
  /** Rows that a list shows unless `--limit` says otherwise; the rest is counted. */
  ROWS: 50,
  /** The most that `--limit` may ask for. */
  ROWS_MAX: 10_000,
  /** Records that one replay holds; a wider range is refused before anything is sent. */
  PLAN_RECORDS: 100_000,
  /** Bytes of messages that one replay holds. */
  PLAN_BYTES: 268_435_456,
  /** Records that are broadcast at once: what an interrupt may have to wait for, and a resume may send again. */
  BATCH_RECORDS: 25,
  /** Tries of a batch that nobody could be reached with; then the replay stops, and can be resumed. */
  BATCH_ATTEMPTS: 3,
  /** Full jitter up to this, doubled with each try, between these tries. */
  BATCH_BACKOFF_MS: 500,
  /** Bytes of the file that a replay is resumed from. */
  STATE_BYTES: 4_194_304,
  /** Time between two lines of progress where there is no terminal. */
  PROGRESS_LINE_MS: 5_000,
  /** Time between two pictures of the progress bar. */
  PROGRESS_BAR_MS: 100,
  /** Objects of the failure bucket that are listed; those after that are not seen until these are gone. */
  FAILURES: 10_000,
  /** Failure objects or topics that are read at once. */
  READ_CONCURRENCY: 8,
  /** Shards of a stream that are read. DynamoDB itself keeps those of a day. */
  SHARDS: 10_000,
  /** Empty pages in a row after which an open shard counts as read to its end: a page may be empty in the middle, too. */
  EMPTY_PAGES: 5,
  /** Time between two polls of a shard that had nothing. */
  POLL_MS: 250,
  /** Time between two looks for new shards. */
  DISCOVERY_MS: 10_000,
  /** Characters of a message's data that `tail` shows. */
  DATA_CHARACTERS: 80,
  /** Items of a table that one command looks through; past it the command is refused. */
  SCANNED_ITEMS: 200_000,
  /** Time that the local runtime may take to say where it is. */
  FIND_MS: 2_000,
  /** Time that the local runtime may take to give its logs. */
  LOGS_MS: 10_000,
  /** Pages that are read of one log group of a deployed stack, at one look. CloudWatch Logs' pages may be empty. */
  LOG_PAGES: 100,
  /** Lines that one look takes, of all its log groups together. */
  LOG_LINES: 10_000,
  /** The span of time that one look covers; the last one when nothing says where to look. */
  LOG_WINDOW_MS: 86_400_000,
  /** Time that one look may take. */
  LOG_READING_MS: 60_000,
  /** Log groups that are read at once: FilterLogEvents has a quota of a few requests a second. */
  LOG_GROUPS_AT_ONCE: 2,
  /** Tries of one page, with the SDK's own backoff between them. */
  LOG_ATTEMPTS: 6,
  /** By then CloudWatch Logs has a line, mostly: what is younger is not counted. */
  LOG_DELAY_MS: 10_000,
  /** How long after a publish its route may still log it. */
  LOG_WRITER_MS: 60_000,
  /** How long after a publish it may still be broadcast: records are given up after ten minutes. */
  LOG_BROADCAST_MS: 900_000,
  /** How long before a publish a connection that got it may have begun: API Gateway ends each after two hours. */
  LOG_CONNECTION_MS: 7_200_000,
  /** Newest failures among which `trace` looks for a change. */
  TRACED_FAILURES: 200,
  /** Connections that `trace` names for each outcome; `--json` has all that the log line has. */
  TRACED_CONNECTIONS: 10,
  /** Newest messages of a topic that `doctor` looks for holes in. */
  ARCHIVE_DEPTH: 1_000,
  /** The while of which `doctor` measures the fan-out. */
  MEASURED_MS: 600_000,
  /** Messages whose way into the archive `stats` follows, and how long it does. */
  LAG_MESSAGES: 100,
  LAG_WAIT_MS: 2_000,
  /** Bytes of JSON that `publish` reads from standard input. */
  INPUT_BYTES: 65_536,
} as const;
