import type { Check } from '../checks.ts';
import {
  type Ban,
  boundOf,
  type Given,
  type GivenKind,
  isDisturbed,
  lengthOf,
  type Surroundings,
  type UnderBan,
  underBans,
} from './observations.ts';

export interface AuthEvidence extends Surroundings {
  readonly bans: readonly Ban[];
  readonly given: readonly Given[];
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
  const problems = (all: readonly UnderBan[], kind: GivenKind) => all.flatMap((each) => tooLate(each, kind, evidence));
  // One whose two seconds had not passed when it was lifted says nothing.
  const judged = revoked.filter(({ ban }) => boundOf(ban, 'delivered', evidence) < ban.toMs);
  return [
    {
      name: 'revocations plus 2 s, nothing delivered after',
      count: judged.length,
      problems: problems(revoked, 'delivered'),
    },
    {
      name: 'revocations plus 2 s, nothing accepted after',
      count: judged.length,
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
function tooLate({ ban, given }: UnderBan, kind: GivenKind, surroundings: Surroundings): string[] {
  const bound = boundOf(ban, kind, surroundings);
  const wrong = given.filter((each) => each.kind === kind && each.fromMs > bound);
  return [...Map.groupBy(wrong, ({ name }) => name)].map(([name, each]) => {
    const lateMs = (each[0]?.fromMs ?? 0) - ban.fromMs;
    const permitted = `${bound - ban.fromMs} ms permitted`;
    return `${ban.subject}, ${ban.pattern} ${ban.reason}: ${each.length} ${kind} of ${name}, the first ${lateMs} ms after, ${permitted}`;
  });
}

/** Lists how long open connections went on after a revocation, as lines for a person. */
export function lagsOf({ bans, given, ...surroundings }: AuthEvidence): string[] {
  const revoked = underBans(bans, given).filter(({ ban }) => ban.reason === 'revoked');
  const [disturbed, calm] = [true, false].map((is) =>
    revoked
      .filter(({ ban }) => isDisturbed(ban, surroundings) === is)
      .map(lagOf)
      .toSorted((a, b) => a - b),
  );
  return [
    `revocations on a working server: ${textOf(calm ?? [])}`,
    `revocations while it could not act, or was late: ${textOf(disturbed ?? [])}`,
    `the heartbeat was late for ${(lengthOf(surroundings.late) / 1_000).toFixed(1)} s in all`,
  ];
}

const lagOf = ({ ban, given }: UnderBan): number =>
  Math.max(0, ...given.filter(({ kind }) => kind !== 'opened').map(({ fromMs }) => fromMs - ban.fromMs));

const textOf = (lags: readonly number[]): string =>
  lags.length === 0
    ? 'none'
    : `${lags.length}; the last thing given came ${lags[Math.floor(lags.length / 2)]} ms (median) and ${lags.at(-1)} ms (most) after`;
