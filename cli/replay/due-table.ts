import { counted, figure, type Output } from '../output.ts';
import type { DueMessage } from './replay-batch.ts';

interface Row {
  readonly connectionId: string;
  readonly topic: string;
  messages: number;
  readonly firstSeq: number;
  lastSeq: number;
}

/**
 * Creates the table of a dry run: a row for each connection and topic. The table keeps `limit` rows and counts the
 * others.
 */
export function createDueTable(limit: number) {
  const rows = new Map<string, Row>();
  let beyond = 0;
  return {
    add: ({ connectionId, topic, seq }: DueMessage): void => {
      const key = `${connectionId} ${topic}`;
      const row = rows.get(key);
      if (row === undefined && rows.size >= limit) {
        beyond += 1;
        return;
      }
      const kept = row ?? { connectionId, topic, messages: 0, firstSeq: seq, lastSeq: seq };
      rows.set(key, kept);
      kept.messages += 1;
      kept.lastSeq = seq;
    },
    rows: (): readonly Row[] => [...rows.values()],
    show: (output: Output): void => {
      output.table(
        ['connection', 'topic', 'messages', 'seqs'],
        Array.from(rows.values(), ({ connectionId, topic, messages, firstSeq, lastSeq }) => [
          connectionId,
          topic,
          figure(messages),
          `${firstSeq}–${lastSeq}`,
        ]),
      );
      if (beyond > 0) output.line(`and ${counted(beyond, 'message')} to others, not shown: --limit N`);
    },
  };
}
