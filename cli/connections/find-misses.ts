import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { findLines, type FunctionLogLine, textField } from '../logs/find-lines.ts';
import { undeliveredOf } from '../trace/find-broadcasts.ts';

/** The broadcasts of a topic that did not reach a connection, by one outcome. */
export interface MissedTopic {
  readonly topic: string;
  readonly outcome: string;
  readonly times: number;
  /** The time of the last one, in epoch milliseconds. */
  readonly lastAtMs: number;
}

/** Finds the broadcasts of the last minutes that name a connection as undelivered, by topic and outcome. */
export async function findMisses(backend: Pick<Backend, 'logs'>, connectionId: string): Promise<MissedTopic[]> {
  const lines = await findLines(backend, {
    contains: [JSON.stringify(connectionId)],
    roles: ['broadcast', 'shard-worker'],
    sinceMs: Date.now() - CLI_BOUNDS.MEASURED_MS,
  });
  const misses = lines.flatMap((line) => missesOf(line, connectionId));
  const groups = Map.groupBy(misses, ({ topic, outcome }) => `${topic}\n${outcome}`);
  return Array.from(groups.values(), (some) => some.reduce(addMissed));
}

const missesOf = ({ atMs, fields }: FunctionLogLine, connectionId: string): MissedTopic[] =>
  [...undeliveredOf(fields['undelivered'])].flatMap(([outcome, ids]) =>
    ids.includes(connectionId) ? [{ topic: textField(fields, 'topic'), outcome, times: 1, lastAtMs: atMs }] : [],
  );

const addMissed = (sum: MissedTopic, next: MissedTopic): MissedTopic => ({
  ...sum,
  times: sum.times + next.times,
  lastAtMs: Math.max(sum.lastAtMs, next.lastAtMs),
});
