import type { PostOutcome } from '../../shared/post/post.ts';

/** The results of what was due. Each message to each connection counts once. */
export interface Tally {
  /** Changes that were sent to all their subscribers. */
  readonly records: number;
  /** Messages that were due to connections: the sum of the four below. */
  readonly due: number;
  readonly delivered: number;
  /** Messages to connections that had ended. */
  readonly gone: number;
  readonly throttled: number;
  readonly failed: number;
}

/** A tally of nothing. */
export const NOTHING: Tally = { records: 0, due: 0, delivered: 0, gone: 0, throttled: 0, failed: 0 };

/** Adds two tallies. */
export const add = (a: Tally, b: Tally): Tally => ({
  records: a.records + b.records,
  due: a.due + b.due,
  delivered: a.delivered + b.delivered,
  gone: a.gone + b.gone,
  throttled: a.throttled + b.throttled,
  failed: a.failed + b.failed,
});

/** A connection's last answer, and the number of messages that it took. */
export interface Answers {
  delivered: number;
  refused: number;
  last: PostOutcome;
}

/** Counts a batch by the answers of each connection. Messages after a connection's last answer count as that answer. */
export function tallyOf(
  records: number,
  due: ReadonlyMap<string, number>,
  answers: ReadonlyMap<string, Answers>,
): Tally {
  let tally: Tally = { ...NOTHING, records };
  for (const [connectionId, messages] of due) {
    const { delivered, refused, last } = answers.get(connectionId) ?? { delivered: 0, refused: 0, last: 'failed' };
    const rest = messages - delivered - refused;
    const isOther = last !== 'gone' && last !== 'throttled';
    tally = add(tally, {
      records: 0,
      due: messages,
      delivered,
      gone: last === 'gone' ? rest : 0,
      throttled: last === 'throttled' ? rest : 0,
      failed: refused + (isOther ? rest : 0),
    });
  }
  return tally;
}
