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

/**
 * A time in which the server could not act, since it was down or could reach no connection, or in which it was late,
 * since the machine was.
 */
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

/** The times of a run that were not as they should be. */
export interface Surroundings {
  /** The times in which the engine was down, or no connection could be reached. */
  readonly disturbances: readonly Disturbance[];
  /** The times in which the machine, or the stack, was late in what it did for anybody. */
  readonly late: readonly Disturbance[];
}

/**
 * Returns the time in epoch milliseconds from which a ban must hold for a kind. A revocation that meets a disturbance
 * has its grace from the end of it: what cannot be reached cannot be closed. The clock of a grace for what is under way
 * stands still while the machine is late. A handshake has no such grace: the server decides it by what is written.
 */
export function boundOf(ban: Ban, kind: GivenKind, { disturbances, late }: Surroundings): number {
  const graceMs = GRACE_MS[ban.reason][kind];
  if (kind === 'opened' || graceMs === 0) return ban.fromMs + graceMs;
  return endOf(ban.reason === 'revoked' ? actsAt(ban, disturbances) : ban.fromMs, graceMs, late);
}

/** Returns the end of a time span whose clock stands still while the machine is late. */
function endOf(fromMs: number, lengthMs: number, late: readonly Disturbance[]): number {
  let endMs = fromMs + lengthMs;
  for (const each of merged(late)) {
    if (each.toMs > fromMs && each.fromMs < endMs) endMs += each.toMs - Math.max(each.fromMs, fromMs);
  }
  return endMs;
}

/** Returns the same times, in order and without overlaps. */
function merged(times: readonly Disturbance[]): Disturbance[] {
  const apart: Disturbance[] = [];
  for (const { fromMs, toMs } of times.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = apart.at(-1);
    if (last === undefined || fromMs > last.toMs) apart.push({ fromMs, toMs });
    else last.toMs = Math.max(last.toMs, toMs);
  }
  return apart.filter(({ fromMs, toMs }) => toMs > fromMs);
}

/** Whether a disturbance, or lateness, falls into the grace of a revocation. */
export const isDisturbed = (ban: Ban, surroundings: Surroundings): boolean =>
  boundOf(ban, 'delivered', surroundings) > ban.fromMs + GRACE_MS[ban.reason].delivered;

/** Returns the time in ms within which the machine was late, each moment counted once. */
export const lengthOf = (late: readonly Disturbance[]): number =>
  merged(late).reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);

function actsAt({ fromMs, reason }: Ban, disturbances: readonly Disturbance[]): number {
  let at = fromMs;
  for (const each of disturbances.toSorted((a, b) => a.fromMs - b.fromMs)) {
    if (each.fromMs <= at + GRACE_MS[reason].delivered && each.toMs > at) at = each.toMs;
  }
  return at;
}
