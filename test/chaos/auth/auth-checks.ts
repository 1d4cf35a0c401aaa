import type { Check } from '../checks.ts';
import {
  type Ban,
  boundOf,
  type Disturbance,
  type Given,
  type GivenKind,
  isDisturbed,
  type UnderBan,
  underBans,
} from './observations.ts';

export interface AuthEvidence {
  readonly bans: readonly Ban[];
  readonly given: readonly Given[];
  readonly disturbances: readonly Disturbance[];
  /** The number of handshakes that connections under a ban tried, and of frames that they sent. */
  readonly tried: number;
  /** Topics of which messages came to a connection whose token permits none of them, in order of arrival. */
  readonly unpermitted: readonly string[];
  /** Reports of clients that stopped, or lost a topic, though nothing was revoked for their subject. */
  readonly stopped: readonly string[];
}

/** Holds what was given against what was permitted. */
export function checkAuth(evidence: AuthEvidence): Check[] {
  const { bans, tried, unpermitted, stopped } = evidence;
  const under = underBans(bans, evidence.given);
  const revoked = under.filter(({ ban }) => ban.reason === 'revoked');
  const ended = under.filter(({ ban }) => ban.reason === 'token ended');
  const problems = (all: readonly UnderBan[], kind: GivenKind) => all.flatMap((each) => late(each, kind, evidence));
  return [
    {
      name: 'revocations plus 2 s, nothing delivered after',
      count: revoked.length,
      problems: problems(revoked, 'delivered'),
    },
    {
      name: 'revocations plus 2 s, nothing accepted after',
      count: revoked.length,
      problems: problems(revoked, 'accepted'),
    },
    { name: 'handshakes and frames tried under a ban, none let in', count: tried, problems: problems(under, 'opened') },
    {
      name: 'ended tokens plus 2 s, nothing delivered after',
      count: ended.length,
      problems: problems(ended, 'delivered'),
    },
    { name: 'ended tokens, nothing accepted after', count: ended.length, problems: problems(ended, 'accepted') },
    { name: 'connections asking for what no token permits', count: bans.length, problems: unpermitted },
    { name: 'clients stopped only by a revocation', count: bans.length, problems: stopped },
  ];
}

/** Names what a ban did not stop in time: the first of each name, with its lateness. */
function late({ ban, given }: UnderBan, kind: GivenKind, { disturbances }: AuthEvidence): string[] {
  const bound = boundOf(ban, kind, disturbances);
  const wrong = given.filter((each) => each.kind === kind && each.fromMs > bound);
  return [...Map.groupBy(wrong, ({ name }) => name)].map(([name, each]) => {
    const lateMs = (each[0]?.fromMs ?? 0) - ban.fromMs;
    return `${ban.subject}, ${ban.pattern} ${ban.reason}: ${each.length} ${kind} of ${name}, the first ${lateMs} ms after`;
  });
}

/** Lists how long open connections went on after a revocation, as lines for a person. */
export function lagsOf({ bans, given, disturbances }: AuthEvidence): string[] {
  const revoked = underBans(bans, given).filter(({ ban }) => ban.reason === 'revoked');
  const [disturbed, calm] = [true, false].map((is) =>
    revoked
      .filter(({ ban }) => isDisturbed(ban, disturbances) === is)
      .map(lagOf)
      .toSorted((a, b) => a - b),
  );
  return [
    `revocations on a working server: ${textOf(calm ?? [])}`,
    `revocations while it could not act: ${textOf(disturbed ?? [])}`,
  ];
}

const lagOf = ({ ban, given }: UnderBan): number =>
  Math.max(0, ...given.filter(({ kind }) => kind !== 'opened').map(({ fromMs }) => fromMs - ban.fromMs));

const textOf = (lags: readonly number[]): string =>
  lags.length === 0
    ? 'none'
    : `${lags.length}; the last thing given came ${lags[Math.floor(lags.length / 2)]} ms (median) and ${lags.at(-1)} ms (most) after`;
