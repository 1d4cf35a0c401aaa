import { ClientError } from '../errors.ts';
import { counterTopic } from '../protocol/topic.ts';
import { haveCommonName, matchesPattern } from './topic-pattern.ts';

/**
 * The actions that a token permits by name: `subscribe` and `presence` to topics, `publish` to topics, `count` for
 * `plus` and `minus` of counters, by the counter's name without `counter:`.
 */
export const PERMITTED_ACTIONS = ['subscribe', 'publish', 'count', 'presence'] as const;

/** The name of an action that needs a permission. */
export type PermittedAction = (typeof PERMITTED_ACTIONS)[number];

/** The topic patterns of each action. An action whose list is empty is permitted nowhere. */
export type Permissions = Readonly<Record<PermittedAction, readonly string[]>>;

/** The permissions of a token that names none. */
export const NO_PERMISSIONS: Permissions = { subscribe: [], publish: [], count: [], presence: [] };

/** A client, as its verified token describes it. */
export interface VerifiedToken {
  /** The token's subject (`sub`). */
  readonly subject: string;
  /**
   * Time in epoch milliseconds at which the token ends (`exp`). No frame is taken and none is delivered from then on.
   */
  readonly tokenEnd: number;
  readonly permissions: Permissions;
  /** The public profile that presence shows of the subject, as JSON. Absent: none. */
  readonly profile?: string | undefined;
}

/** The revocations of a subject, as they were when a handshake was decided. */
export interface RevocationCheck {
  /** The topic patterns that were revoked for the subject, those that still hold. */
  readonly revoked: readonly string[];
  /** The version of these revocations; 0 without any. */
  readonly seen: number;
  /** Time in epoch milliseconds before which the revocations were not read yet. */
  readonly checkedAt: number;
}

/** The verified client of a connection, with what was revoked for it. */
export interface Principal extends VerifiedToken, RevocationCheck {}

/** An action on a topic, or on a counter for `count`, that a frame asks for. */
export interface Need {
  readonly action: PermittedAction;
  /** The topic's name, or the wildcard; for `count` the counter's name. */
  readonly name: string;
}

/**
 * Whether a principal permits an action. A wildcard is permitted if one pattern permits all topics under it, and none
 * of these topics is revoked.
 */
export const isPermitted = ({ permissions, revoked }: Principal, need: Need): boolean =>
  permissions[need.action].some((pattern) => matchesPattern(pattern, need.name)) &&
  !revoked.some((pattern) => namesOf(need).some((name) => haveCommonName(pattern, name)));

/** Returns the names by which a revocation may mean a need: a counter by its name and by its topic. */
const namesOf = ({ action, name }: Need): readonly string[] =>
  action === 'count' ? [name, counterTopic(name)] : [name];

/**
 * Checks a frame against the principal of its connection. Throws ClientError: `token-expired` after the token's end,
 * `forbidden` for the first need that is not permitted, naming its action and its topic.
 */
export function checkNeeds(principal: Principal, needs: readonly Need[], nowMs: number): void {
  if (nowMs >= principal.tokenEnd) {
    throw new ClientError('token-expired', 'The token of this connection has ended. Connect again with a new one.');
  }
  const refused = needs.find((need) => !isPermitted(principal, need));
  if (refused === undefined) return;
  const { action, name } = refused;
  const path = action === 'count' ? 'counter' : 'topic';
  throw new ClientError('forbidden', `The token does not permit ${action} on ${name}.`, {
    details: [{ path, reason: `${action} is not permitted` }],
  });
}
