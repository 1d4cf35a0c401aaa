import type { Node } from 'constructs';
import { type Poster, POSTERS } from '../shared/config.ts';

/** What a deployment can choose, by cdk.json or `-c name=value`. */
export interface Settings {
  /** Last segment of the URL. */
  readonly stageName: string;
  /** How far back a client can catch up. */
  readonly messageRetentionHours: number;
  /** Whether this stack sets the role by which API Gateway writes logs: one per account and region. */
  readonly setsLoggingRole: boolean;
  /** The poster of the stream Lambdas: `fast`, or `sdk` for the official client. */
  readonly poster: Poster;
  /** Who is told of alarms. Absent: they are to be seen, and nobody is told. */
  readonly alarmEmail?: string | undefined;
}

const RETENTION_HOURS = { least: 1, most: 24 * 365 } as const;

/** Reads the settings of the app's context. Throws on one that makes no sense: a deployment must not guess. */
export function readSettings(node: Node): Settings {
  const text = (name: string, value: string): string => String(node.tryGetContext(name) ?? value);
  const stageName = text('stageName', 'live');
  const hours = Number(text('messageRetentionHours', '24'));
  const role = text('setsLoggingRole', 'true');
  const alarmEmail = readEmail(node);
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(stageName)) throw new Error(`stageName: ${stageName} is not the name of a stage.`);
  if (!Number.isSafeInteger(hours) || hours < RETENTION_HOURS.least || hours > RETENTION_HOURS.most) {
    throw new Error(`messageRetentionHours: a whole number from ${RETENTION_HOURS.least} to ${RETENTION_HOURS.most}.`);
  }
  if (role !== 'true' && role !== 'false') throw new Error('setsLoggingRole: true or false.');
  const poster = readPoster(text('poster', 'fast'));
  return { stageName, messageRetentionHours: hours, setsLoggingRole: role === 'true', poster, alarmEmail };
}

function readPoster(text: string): Poster {
  const poster = POSTERS.find((each) => each === text);
  if (poster === undefined) throw new Error(`poster: one of ${POSTERS.join(', ')}.`);
  return poster;
}

/** Only what is surely no address is refused: SNS asks the address itself for its consent. */
function readEmail(node: Node): string | undefined {
  const value: unknown = node.tryGetContext('alarmEmail');
  if (value === undefined) return undefined;
  if (typeof value === 'string' && /^[^\s@]+@[^\s@]+$/.test(value)) return value;
  throw new Error(`alarmEmail: ${JSON.stringify(value)} is not an e-mail address.`);
}
