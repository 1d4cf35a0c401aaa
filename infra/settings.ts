import type { Node } from 'constructs';
import { type AuthSettings, readAllowedOrigins, readAuthSettings } from '../shared/auth/auth-settings.ts';
import { type Poster, POSTERS } from '../shared/config.ts';

/** The settings of a deployment, from cdk.json or `-c name=value`. */
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
}

const RETENTION_HOURS = { min: 1, max: 24 * 365 } as const;
const FRAMES_PER_SECOND = { min: 100, max: 1_000_000 } as const;
const STREAM_CONCURRENCY = { min: 20, max: 100_000 } as const;

/** Reads the settings from the app's context. Throws for an invalid one, which must not be deployed by guess. */
export function readSettings(node: Node): Settings {
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
    poster: readPoster(textOf(node, 'poster', 'fast')),
    alarmEmail: readEmail(node),
    framesPerSecond: inRange('framesPerSecond', numberOf(node, 'framesPerSecond', 5_000), FRAMES_PER_SECOND),
    ...readAuth(node),
    streamConcurrency: streams === 0 ? 0 : inRange('streamConcurrency (if not 0)', streams, STREAM_CONCURRENCY),
  };
}

function readAuth(node: Node): Pick<Settings, 'auth' | 'allowedOrigins'> {
  const [auth, origins] = [jsonOf(node, 'auth', 'off'), jsonOf(node, 'allowedOrigins', [])];
  const allowedOrigins = readAllowedOrigins(origins);
  if (auth !== 'off') return { auth: readAuthSettings(auth), allowedOrigins };
  if (allowedOrigins.length === 0) return { allowedOrigins };
  throw new Error('allowedOrigins needs auth: the authorizer checks the Origins.');
}

/** Reads a setting that is JSON: an object or a list in cdk.json, its text by `-c`. Another text stays a text. */
function jsonOf(node: Node, setting: string, fallback: unknown): unknown {
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

function readPoster(text: string): Poster {
  const poster = POSTERS.find((each) => each === text);
  if (poster === undefined) throw new Error(`poster must be one of ${POSTERS.join(', ')}.`);
  return poster;
}

const textOf = (node: Node, name: string, fallback: string): string => String(node.tryGetContext(name) ?? fallback);

interface NameRule {
  readonly fallback: string;
  readonly pattern: RegExp;
  /** The end of the sentence «… is not a valid». */
  readonly rule: string;
}

function nameOf(node: Node, setting: string, { fallback, pattern, rule }: NameRule): string {
  const name = textOf(node, setting, fallback);
  if (pattern.test(name)) return name;
  throw new Error(`${setting}: ${name} is not a valid ${rule}.`);
}

/** Reads a number. An empty text is none: `Number('')` is 0. */
function numberOf(node: Node, setting: string, fallback: number): number {
  const text = textOf(node, setting, String(fallback));
  return text === '' ? Number.NaN : Number(text);
}

function inRange(setting: string, value: number, { min, max }: { readonly min: number; readonly max: number }): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new Error(`${setting} must be a whole number from ${min} to ${max}.`);
}

function readFlag(node: Node, setting: string): boolean {
  const text = textOf(node, setting, 'true');
  if (text === 'true' || text === 'false') return text === 'true';
  throw new Error(`${setting} must be true or false.`);
}

/** Reads the address for alarms. Only an obviously invalid one is refused, since SNS asks the address to confirm. */
function readEmail(node: Node): string | undefined {
  const value: unknown = node.tryGetContext('alarmEmail');
  if (value === undefined) return undefined;
  if (typeof value === 'string' && /^[^\s@]+@[^\s@]+$/.test(value)) return value;
  throw new Error(`alarmEmail: ${JSON.stringify(value)} is not an e-mail address.`);
}
