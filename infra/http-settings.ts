/** The settings of the HTTP door. */
export interface HttpSettings {
  /** Time in seconds for which a long poll waits for a message: 1 to 60. Default: 20. */
  readonly longPollSeconds: number;
  /**
   * Time in seconds after which a stream of events ends, to be continued by the next request: 1 to 840. Default: 60.
   */
  readonly eventsSeconds: number;
  /**
   * Number of concurrent executions reserved for the door, which is also the most that it gets: each reader that waits
   * takes one. 0 for none, or 1 to 100,000. Default: 0, because Lambda refuses a reservation that does not leave 100 to
   * the rest of the account.
   */
  readonly concurrency: number;
  /**
   * Whether the door has a second URL, for back ends that sign their requests by IAM (Signature Version 4). Default:
   * false.
   */
  readonly iam: boolean;
}

const DEFAULTS: HttpSettings = { longPollSeconds: 20, eventsSeconds: 60, concurrency: 0, iam: false };

const MOST = { longPollSeconds: 60, eventsSeconds: 840, concurrency: 100_000 } as const;

/** Reads the setting `http`: `off`, `on`, or an object of which each field is optional. Throws for any other value. */
export function readHttp(value: unknown): HttpSettings | undefined {
  if (value === 'off' || value === false) return undefined;
  if (value === 'on' || value === true) return DEFAULTS;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('http must be on, off, or an object.');
  const given = Object.entries(value);
  const unknown = given.find(([name]) => !(name in DEFAULTS));
  if (unknown !== undefined) throw new Error(`http has no setting ${unknown[0]}.`);
  const settings = { ...DEFAULTS, ...Object.fromEntries(given) };
  if (typeof settings.iam !== 'boolean') throw new Error('http.iam must be true or false.');
  return {
    longPollSeconds: checked('longPollSeconds', settings.longPollSeconds),
    eventsSeconds: checked('eventsSeconds', settings.eventsSeconds),
    concurrency: checked('concurrency', settings.concurrency),
    iam: settings.iam,
  };
}

function checked(name: keyof typeof MOST, value: unknown): number {
  const least = name === 'concurrency' ? 0 : 1;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= MOST[name]) return value;
  throw new Error(`http.${name} must be a whole number from ${least} to ${MOST[name]}.`);
}
