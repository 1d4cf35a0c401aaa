import type { Node } from 'constructs';
import { type Poster, POSTERS } from '../shared/config.ts';

/** The settings of a deployment, from cdk.json or `-c name=value`. */
export interface Settings {
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
}

const RETENTION_HOURS = { min: 1, max: 24 * 365 } as const;

/** Reads the settings from the app's context. Throws for an invalid one, which must not be deployed by guess. */
export function readSettings(node: Node): Settings {
  const text = (name: string, value: string): string => String(node.tryGetContext(name) ?? value);
  const stageName = text('stageName', 'live');
  const hours = Number(text('messageRetentionHours', '24'));
  const role = text('setsLoggingRole', 'true');
  const alarmEmail = readEmail(node);
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(stageName))
    throw new Error(`stageName: ${stageName} is not a valid name of a stage: 1 to 128 letters, digits, "_" and "-".`);
  if (!Number.isSafeInteger(hours) || hours < RETENTION_HOURS.min || hours > RETENTION_HOURS.max) {
    throw new Error(
      `messageRetentionHours must be a whole number from ${RETENTION_HOURS.min} to ${RETENTION_HOURS.max}.`,
    );
  }
  if (role !== 'true' && role !== 'false') throw new Error('setsLoggingRole must be true or false.');
  const poster = readPoster(text('poster', 'fast'));
  return { stageName, messageRetentionHours: hours, setsLoggingRole: role === 'true', poster, alarmEmail };
}

function readPoster(text: string): Poster {
  const poster = POSTERS.find((each) => each === text);
  if (poster === undefined) throw new Error(`poster must be one of ${POSTERS.join(', ')}.`);
  return poster;
}

/** Reads the address for alarms. Only an obviously invalid one is refused, since SNS asks the address to confirm. */
function readEmail(node: Node): string | undefined {
  const value: unknown = node.tryGetContext('alarmEmail');
  if (value === undefined) return undefined;
  if (typeof value === 'string' && /^[^\s@]+@[^\s@]+$/.test(value)) return value;
  throw new Error(`alarmEmail: ${JSON.stringify(value)} is not an e-mail address.`);
}
