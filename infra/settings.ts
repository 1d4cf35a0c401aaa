import { type AuthSettings, readAllowedOrigins, readAuthSettings } from '../shared/auth/auth-settings.ts';
import { type Poster, POSTERS } from '../shared/config.ts';
import { type RateLimits, readRateLimits } from '../shared/rates/rate-limits.ts';
import { readTopicSettings, type SettingsByPattern } from '../shared/topics/topic-settings.ts';
import { type HttpSettings, readHttp } from './http-settings.ts';

/** A source of settings: the context of an app (cdk.json, `-c name=value`), or the properties of a construct. */
export interface SettingsSource {
  /** Returns the value of a setting; undefined: its default. */
  readonly tryGetContext: (setting: string) => unknown;
}

/** The IP addresses of an API: `ipv4`, or `dualstack` for IPv4 and IPv6. */
export type AddressType = (typeof ADDRESS_TYPES)[number];

/** The settings of a deployment. */
export interface Settings {
  /**
   * The name of the stack, which its metrics, alarms and dashboard carry: 1 to 128 letters, digits and `-`, the first a
   * letter. Default: `Distributary`. Another name is another stack.
   */
  readonly stackName: string;
  /** The last segment of the URL: 1 to 128 letters, digits, `_` and `-`. Default: `live`. */
  readonly stageName: string;
  /** Time in hours for which messages are kept, so that clients can catch up: 1 to 8,760. Default: 24. */
  readonly messageRetentionHours: number;
  /** Whether this stack sets the role with which API Gateway writes logs, one per account and region. Default: true. */
  readonly setsLoggingRole: boolean;
  /** The poster of the stream Lambdas: `fast`, or `sdk` for the official client. */
  readonly poster: Poster;
  /** The e-mail address that receives alarms. Default: none; the dashboard shows them all the same. */
  readonly alarmEmail?: string | undefined;
  /**
   * Number of frames a second that the routes take together: 100 to 1,000,000. Default: 5,000, half of an account's
   * default quota. Each route has a fixed share.
   */
  readonly framesPerSecond: number;
  /**
   * Number of concurrent executions reserved for the Lambdas that deliver, which is also the most that they get: 0 for
   * none, or 20 to 100,000. Default: 0, because Lambda refuses a reservation that does not leave 100 to the rest of the
   * account.
   */
  readonly streamConcurrency: number;
  /**
   * The authentication: an object, or its text as JSON. Default: `off`; everyone may connect and do everything. By an
   * identity provider `{ issuer, audience, jwksUri }`, by a shared secret `{ secretArn }` with an optional `issuer` and
   * `audience`; both take `algorithms`.
   */
  readonly auth?: AuthSettings | undefined;
  /**
   * The Origins whose pages may connect: a list, or its text as JSON. Default: all. The authorizer checks them, so they
   * need `auth`.
   */
  readonly allowedOrigins: readonly string[];
  /**
   * The rates that each connection and each subject are held to: an object, or its text as JSON, of which each rate is
   * optional. Default: 100 frames and 100 publishes a second for a connection, 500 of each for a subject, 120
   * handshakes a minute for a subject. `off`: no limits (undefined).
   */
  readonly rateLimits: RateLimits | undefined;
  /**
   * The addresses at which clients reach the API: `ipv4`, or `dualstack` for IPv4 and IPv6. Default: `ipv4`, as API
   * Gateway's.
   */
  readonly ipAddressType: AddressType;
  /**
   * The settings of topics, by topic pattern: an object, or its text as JSON, as `{"price/*":{"lastValueOnly":true}}`.
   * Each has `create`, `retentionHours`, `history` or `lastValueOnly`. The most specific pattern holds, as a whole.
   * Default: none.
   */
  readonly topics: SettingsByPattern;
  /**
   * The path of a bundled ES module that exports what `defineTopics` returns, as `topics` or as its default. Routes
   * refuse data that does not fit with `bad-data`. Default: none; any data is taken.
   */
  readonly schemas?: string | undefined;
  /**
   * The HTTP door: `off`, `on`, or an object, or its text as JSON, of which each field is optional: `longPollSeconds`
   * (20), `eventsSeconds` (60), `concurrency` (none reserved), `iam` (false). Default: `off` (undefined).
   */
  readonly http?: HttpSettings | undefined;
}

const ADDRESS_TYPES = ['ipv4', 'dualstack'] as const;

const RETENTION_HOURS = { min: 1, max: 24 * 365 } as const;
const FRAMES_PER_SECOND = { min: 100, max: 1_000_000 } as const;
const STREAM_CONCURRENCY = { min: 20, max: 100_000 } as const;

/** Reads the settings from their source. Throws for an invalid one, which must not be deployed by guess. */
export function readSettings(node: SettingsSource): Settings {
  const streams = numberOf(node, 'streamConcurrency', 0);
  return {
    stackName: nameOf(node, 'stackName', {
      fallback: 'Distributary',
      pattern: /^[A-Za-z][A-Za-z0-9-]{0,127}$/,
      rule: 'name of a stack: 1 to 128 letters, digits and "-", the first a letter',
    }),
    stageName: nameOf(node, 'stageName', {
      fallback: 'live',
      pattern: /^[A-Za-z0-9_-]{1,128}$/,
      rule: 'name of a stage: 1 to 128 letters, digits, "_" and "-"',
    }),
    messageRetentionHours: inRange(
      'messageRetentionHours',
      numberOf(node, 'messageRetentionHours', 24),
      RETENTION_HOURS,
    ),
    setsLoggingRole: readFlag(node, 'setsLoggingRole'),
    poster: oneOf(node, 'poster', POSTERS),
    alarmEmail: readEmail(node),
    framesPerSecond: inRange('framesPerSecond', numberOf(node, 'framesPerSecond', 5_000), FRAMES_PER_SECOND),
    ...readAuth(node),
    ipAddressType: oneOf(node, 'ipAddressType', ADDRESS_TYPES),
    rateLimits: readLimits(jsonOf(node, 'rateLimits', {})),
    topics: readTopicSettings(jsonOf(node, 'topics', {})),
    http: readHttp(jsonOf(node, 'http', 'off')),
    schemas: node.tryGetContext('schemas') === undefined ? undefined : textOf(node, 'schemas', ''),
    streamConcurrency: streams === 0 ? 0 : inRange('streamConcurrency (if not 0)', streams, STREAM_CONCURRENCY),
  };
}

function readAuth(node: SettingsSource): Pick<Settings, 'auth' | 'allowedOrigins'> {
  const [auth, origins] = [jsonOf(node, 'auth', 'off'), jsonOf(node, 'allowedOrigins', [])];
  const allowedOrigins = readAllowedOrigins(origins);
  if (auth !== 'off') return { auth: readAuthSettings(auth), allowedOrigins };
  if (allowedOrigins.length === 0) return { allowedOrigins };
  throw new Error('allowedOrigins needs auth: the authorizer checks the Origins.');
}

const readLimits = (value: unknown): RateLimits | undefined => (value === 'off' ? undefined : readRateLimits(value));

/** Reads a setting that is JSON: an object or a list in cdk.json, its text by `-c`. Another text stays a text. */
function jsonOf(node: SettingsSource, setting: string, fallback: unknown): unknown {
  const found: unknown = node.tryGetContext(setting);
  // A null is a mistake, and must not turn authentication off.
  const value = found === undefined ? fallback : found;
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Reads a setting that has a few values, of which the first is the default. */
function oneOf<const T extends string>(node: SettingsSource, setting: string, values: readonly [T, ...T[]]): T {
  const text = textOf(node, setting, values[0]);
  const value = values.find((each) => each === text);
  if (value === undefined) throw new Error(`${setting} must be one of ${values.join(', ')}.`);
  return value;
}

const textOf = (node: SettingsSource, name: string, fallback: string): string =>
  textIn(node.tryGetContext(name) ?? fallback);

const textIn = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

interface NameRule {
  readonly fallback: string;
  readonly pattern: RegExp;
  /** The end of the sentence «… is not a valid». */
  readonly rule: string;
}

function nameOf(node: SettingsSource, setting: string, { fallback, pattern, rule }: NameRule): string {
  const name = textOf(node, setting, fallback);
  if (pattern.test(name)) return name;
  throw new Error(`${setting}: ${name} is not a valid ${rule}.`);
}

/** Reads a number. An empty text is none: `Number('')` is 0. */
function numberOf(node: SettingsSource, setting: string, fallback: number): number {
  const text = textOf(node, setting, String(fallback));
  return text === '' ? Number.NaN : Number(text);
}

function inRange(setting: string, value: number, { min, max }: { readonly min: number; readonly max: number }): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new Error(`${setting} must be a whole number from ${min} to ${max}.`);
}

function readFlag(node: SettingsSource, setting: string): boolean {
  const text = textOf(node, setting, 'true');
  if (text === 'true' || text === 'false') return text === 'true';
  throw new Error(`${setting} must be true or false.`);
}

/** Reads the address for alarms. Only an obviously invalid one is refused, since SNS asks the address to confirm. */
function readEmail(node: SettingsSource): string | undefined {
  const value: unknown = node.tryGetContext('alarmEmail');
  if (value === undefined) return undefined;
  if (typeof value === 'string' && /^[^\s@]+@[^\s@]+$/.test(value)) return value;
  throw new Error(`alarmEmail: ${JSON.stringify(value)} is not an e-mail address.`);
}
