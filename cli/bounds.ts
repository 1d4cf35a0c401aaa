/** Bounds of the operator’s command line. docs/limits.md lists each. */
export const CLI_BOUNDS = {
  /**
   * Rows that a list shows without `--limit`. Further rows are counted.
   * @limit operator
   */
  ROWS: 50,
  /**
   * Largest value of `--limit`. A larger one is refused.
   * @limit operator
   */
  ROWS_MAX: 10_000,
  /**
   * Records that one replay holds. A wider range is refused before anything is sent.
   * @limit operator
   */
  PLAN_RECORDS: 100_000,
  /**
   * Bytes of messages that one replay holds. A larger range is refused before anything is sent.
   * @limit operator
   */
  PLAN_BYTES: 268_435_456,
  /**
   * Records of a replay that are broadcast at once. An interrupt waits for them, and a resume after a crash may send
   * them again.
   */
  BATCH_RECORDS: 25,
  /** Attempts of a batch of which nothing could be sent. After the last one the replay stops, and can be resumed. */
  BATCH_ATTEMPTS: 3,
  /** Base in ms of the backoff between the attempts of a batch: full jitter up to it, doubled with each attempt. */
  BATCH_BACKOFF_MS: 500,
  /** Bytes of the file from which a replay is resumed. A replay of more topics than fit is stopped. */
  STATE_BYTES: 4_194_304,
  /**
   * Time in ms between two lines of progress without a terminal, and upper bound of the backoff between the attempts of
   * a batch.
   */
  PROGRESS_LINE_MS: 5_000,
  /** Time in ms between two redraws of the progress bar on a terminal. */
  PROGRESS_BAR_MS: 100,
  /**
   * Objects of the failure bucket that are listed. Those after them are listed once these are removed.
   * @limit operator
   */
  FAILURES: 10_000,
  /** Failure objects or topics that are read at once. Further ones wait. */
  READ_CONCURRENCY: 8,
  /** Shards of a stream that are listed. Later ones are not read. DynamoDB keeps the shards of a day. */
  SHARDS: 10_000,
  /**
   * Empty pages in a row after which an open shard counts as read to its end. A page in the middle may be empty too.
   */
  EMPTY_PAGES: 5,
  /** Time in ms between two polls of a stream without new records. */
  POLL_MS: 250,
  /** Time in ms between two searches for new shards. The end of a shard starts one at once. */
  DISCOVERY_MS: 10_000,
  /** Characters of a message's data that a line of `tail` shows. `--json` has all of it. */
  DATA_CHARACTERS: 80,
  /**
   * Items of a table that one command scans. Past it the command is refused.
   * @limit operator
   */
  SCANNED_ITEMS: 200_000,
  /**
   * Timeout in ms for the local runtime to describe itself. Past it the command reports a late runtime.
   * @limit operator
   */
  FIND_MS: 20_000,
  /** Time in ms after which a command says that it waits for the local runtime to describe itself. */
  FIND_NOTE_MS: 2_000,
  /**
   * Longest life in ms of a token that `token` asks for. A longer one is refused.
   * @limit operator
   */
  TOKEN_LIFE_MS: 86_400_000,
  /**
   * Longest time in ms of a revocation, 30 days. `revoke` refuses a longer one.
   * @limit operator
   */
  REVOCATION_MS: 2_592_000_000,
  /** Timeout in ms for the local runtime to return its logs. Past it the command fails. */
  LOGS_MS: 20_000,
  /** Timeout in ms for the callback URL to answer `doctor`. Past it the check reports that the stage is late. */
  CALLBACK_MS: 10_000,
  /**
   * Pages that one query reads of a log group of a deployed stack, the oldest first; some may be empty. Past it the
   * command reports that the logs are incomplete.
   */
  LOG_PAGES: 100,
  /**
   * Lines that one query reads, of all its log groups together. Past it the command reports that the logs are
   * incomplete.
   * @limit operator
   */
  LOG_LINES: 50_000,
  /**
   * Span in ms that one query covers. Without a time to look at it is the latest.
   * @limit operator
   */
  LOG_WINDOW_MS: 86_400_000,
  /**
   * Deadline in ms of one query. Past it the command continues with the lines read, and reports that they are
   * incomplete.
   * @limit operator
   */
  LOG_READING_MS: 60_000,
  /** Log groups that are read at once. FilterLogEvents has a quota of a few requests a second. */
  LOG_GROUPS_AT_ONCE: 2,
  /**
   * Attempts to read one page, with the SDK's backoff between them. After the last one the command reports that the
   * logs are incomplete.
   */
  LOG_ATTEMPTS: 6,
  /**
   * Age in ms of the youngest log lines of a deployed stack that `stats` counts: CloudWatch Logs has nearly all lines
   * by then.
   */
  LOG_DELAY_MS: 10_000,
  /** Time in ms after a publish in which `trace` looks for the log line of the request that wrote it. */
  LOG_WRITER_MS: 60_000,
  /**
   * Time in ms after a publish in which `trace` looks for its broadcasts. Lambda gives up a record after ten minutes.
   */
  LOG_BROADCAST_MS: 900_000,
  /**
   * Time in ms before a publish in which `trace` looks for the events of a connection. API Gateway ends each after two
   * hours.
   */
  LOG_CONNECTION_MS: 7_200_000,
  /**
   * Newest failures in which `trace` looks for a change. In older ones it is not found.
   * @limit operator
   */
  TRACED_FAILURES: 200,
  /**
   * Connections that `trace` names for each outcome. Further ones are counted, and `--json` has all that the log line
   * names.
   */
  TRACED_CONNECTIONS: 10,
  /**
   * Newest messages of a topic in which `doctor` looks for holes. Older holes are not found.
   * @limit operator
   */
  ARCHIVE_DEPTH: 1_000,
  /**
   * Span in ms before now for which `doctor` measures the fan-out, as far as the log lines go back.
   * @limit operator
   */
  MEASURED_MS: 600_000,
  /**
   * Longest sample in ms of `stats`, and longest time between two refreshes of `stats --watch`. A longer one is
   * refused.
   * @limit operator
   */
  SAMPLE_MAX_MS: 3_600_000,
  /**
   * Subscriptions that one refresh of `stats --watch` counts. Topics after it keep their earlier count.
   * @limit operator
   */
  WATCHED_SUBSCRIPTIONS: 20_000,
  /** Messages whose lag to the archive `stats` measures in one sample: the first ones. */
  LAG_MESSAGES: 100,
  /** Time in ms for which `stats` waits for a message in the archive. Past it the message counts as late. */
  LAG_WAIT_MS: 2_000,
  /**
   * Bytes of JSON that `publish` reads from standard input. More is refused.
   * @limit operator
   */
  INPUT_BYTES: 65_536,
} as const;
