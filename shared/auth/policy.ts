import { isObject } from '../protocol/decode-frame.ts';
import { PERMITTED_ACTIONS, type PermittedAction, type Permissions } from './permissions.ts';
import { withSubject } from './topic-pattern.ts';

/** The claims of a verified token. */
export type Claims = Readonly<Record<string, unknown>>;

/**
 * Returns the permissions of a verified token. This function is a deployment's policy: the place to change for tokens
 * that say what they permit in another way, by Cognito's groups or by scopes. Keep it pure: the test of the policy
 * calls it alone.
 *
 * The claims `subscribe`, `publish`, `count` and `presence` are lists of topic patterns (`news/*`, `user/${sub}/*`; for
 * `count`, of counters' names). What is missing or is no pattern permits nothing.
 */
export function permissionsFromClaims(claims: Claims): Permissions {
  const subject = typeof claims['sub'] === 'string' ? claims['sub'] : '';
  const [subscribe, publish, count, presence] = PERMITTED_ACTIONS.map((action) => patternsOf(claims, action, subject));
  return { subscribe: subscribe ?? [], publish: publish ?? [], count: count ?? [], presence: presence ?? [] };
}

/**
 * Returns the public profile of a verified token as JSON; undefined without one. Presence shows it, beside the subject,
 * to everyone who may ask for the presence of a topic that the subject is subscribed to. This function is part of a
 * deployment's policy: the place to change for other claims, or for no profile at all. Keep it pure.
 *
 * The profile is the claim `profile`, if that is an object; OpenID Connect's claim of the same name is a URL, and is
 * left out. Otherwise it is `{"name": …}` with the claim `name`.
 */
export function profileFromClaims({ profile, name }: Claims): string | undefined {
  if (isObject(profile)) return JSON.stringify(profile);
  return typeof name === 'string' && name !== '' ? JSON.stringify({ name }) : undefined;
}

function patternsOf(claims: Claims, action: PermittedAction, subject: string): readonly string[] {
  const claim = claims[action];
  const listed: readonly unknown[] = Array.isArray(claim) ? claim : [];
  return listed.flatMap((pattern) => (typeof pattern === 'string' ? (withSubject(pattern, subject) ?? []) : []));
}
