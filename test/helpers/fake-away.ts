import type { AwayCheck, AwayMember, AwayRecord, AwayStore } from '../../shared/store/away.ts';

/** The members of topics that are away, in memory, with the conditions of the real store. */
export interface FakeAway extends AwayStore {
  /** The clocks that are set, by topic, each with its stamp. */
  readonly clocks: ReadonlyMap<string, string>;
  /** The members that are away from a topic, by subject. */
  readonly records: (topic: string) => ReadonlyMap<string, AwayRecord>;
  /** Returns the check that the clock of a topic brings. */
  readonly check: (topic: string) => AwayCheck;
}

/** Creates an empty store. */
export function createFakeAway(): FakeAway {
  const topics = new Map<string, Map<string, AwayRecord>>();
  const clocks = new Map<string, string>();
  let stamps = 0;
  const records = (topic: string): Map<string, AwayRecord> => {
    const own = topics.get(topic) ?? new Map<string, AwayRecord>();
    topics.set(topic, own);
    return own;
  };
  const set = (topic: string): void => void clocks.set(topic, `stamp-${(stamps += 1)}`);
  return {
    clocks,
    records,
    check: (topic) => ({ kind: 'due', topic, stamp: clocks.get(topic) ?? 'none' }),
    list: async (topic) => [...records(topic).values()],
    note: async (topic, members: readonly AwayMember[]) => {
      for (const member of members) records(topic).set(member.subject, { ...member, isBack: false, isGone: false });
      set(topic);
    },
    welcome: async (topic, subjects) =>
      subjects.filter((subject) => {
        const record = records(topic).get(subject);
        if (record === undefined || record.isGone) return true;
        records(topic).set(subject, { ...record, isBack: true });
        return false;
      }),
    decide: async (topic, members) =>
      members.filter(({ subject, sinceMs }) => {
        const record = records(topic).get(subject);
        if (record === undefined || record.sinceMs !== sinceMs || record.isBack) return false;
        records(topic).set(subject, { ...record, isGone: true });
        return true;
      }),
    settle: async (topic, members) => {
      for (const { subject, sinceMs } of members) {
        if (records(topic).get(subject)?.sinceMs === sinceMs) records(topic).delete(subject);
      }
    },
    setAgain: async ({ topic, stamp }) => {
      if (clocks.get(topic) === stamp) set(topic);
    },
    stop: async ({ topic, stamp }) => {
      if (clocks.get(topic) === stamp) clocks.delete(topic);
    },
  };
}
