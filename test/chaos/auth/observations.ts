import { matchesPattern } from '../../../shared/auth/topic-pattern.ts';

/** The kinds of what a server gives to a connection: it lets it in, takes its frame, or delivers a frame to it. */
export type GivenKind = 'opened' | 'accepted' | 'delivered';

/** One thing that the server gave to a connection of a subject. */
export interface Given {
  readonly kind: GivenKind;
  readonly subject: string;
  /** The topic; `counter:NAME` for a counter, `*` for a handshake. */
  readonly name: string;
  /** Time in epoch milliseconds at which it was asked for; for a delivery, at which it came. */
  readonly fromMs: number;
  /** Time in epoch milliseconds at which it was known to be given. */
  readonly toMs: number;
}

/** A time in which a subject is not permitted what a pattern matches. */
export interface Ban {
  readonly reason: 'revoked' | 'token ended';
  readonly subject: string;
  readonly pattern: string;
  /** Time in epoch milliseconds at which the ban was known to be made. */
  fromMs: number;
  /** Time in epoch milliseconds at which lifting it began; Infinity if it never did. */
  toMs: number;
}

/** A time in which the server could not act: it was down, or could reach no connection. */
export interface Disturbance {
  readonly fromMs: number;
  toMs: number;
}

/**
 * Grace in ms of a ban for each kind. A handshake reads the revocations itself, so it has none; one under an ended
 * token has the tolerance for clocks that differ. A revocation closes open connections within two seconds. Routes
 * refuse by the token's end at once, and a delivery that has begun may end.
 */
const GRACE_MS: Readonly<Record<Ban['reason'], Readonly<Record<GivenKind, number>>>> = {
  revoked: { opened: 0, accepted: 2_000, delivered: 2_000 },
  'token ended': { opened: 5_000, accepted: 0, delivered: 2_000 },
};

/** The things that the server gave to a subject under a ban, sorted out of all that it gave. */
export interface UnderBan {
  readonly ban: Ban;
  readonly given: readonly Given[];
}

/** Returns what each ban was about, of all that was given. What was given after a lift may have begun is left out. */
export function underBans(bans: readonly Ban[], given: readonly Given[]): UnderBan[] {
  const bySubject = Map.groupBy(given, ({ subject }) => subject);
  return bans.map((ban) => ({ ban, given: (bySubject.get(ban.subject) ?? []).filter((each) => isUnder(ban, each)) }));
}

const isUnder = (ban: Ban, { name, fromMs, toMs }: Given): boolean =>
  fromMs > ban.fromMs && toMs < ban.toMs && matchesPattern(ban.pattern, name);

/**
 * Returns the time in epoch milliseconds from which a ban must hold for a kind. A revocation that meets a disturbance
 * has its grace from the end of it: what cannot be reached cannot be closed.
 */
export function boundOf(ban: Ban, kind: GivenKind, disturbances: readonly Disturbance[]): number {
  const graceMs = GRACE_MS[ban.reason][kind];
  return ban.reason === 'revoked' && graceMs > 0 ? actsAt(ban, disturbances) + graceMs : ban.fromMs + graceMs;
}

/** Whether a disturbance falls into the grace of a ban. */
export const isDisturbed = (ban: Ban, disturbances: readonly Disturbance[]): boolean =>
  actsAt(ban, disturbances) > ban.fromMs;

function actsAt({ fromMs, reason }: Ban, disturbances: readonly Disturbance[]): number {
  let at = fromMs;
  for (const each of disturbances.toSorted((a, b) => a.fromMs - b.fromMs)) {
    if (each.fromMs <= at + GRACE_MS[reason].delivered && each.toMs > at) at = each.toMs;
  }
  return at;
}
