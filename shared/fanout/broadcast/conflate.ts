import type { Change } from '../stream-records.ts';

/**
 * Leaves out the changes that another one of the same batch supersedes: all but a counter's last, and repeats of a
 * message.
 */
export function conflate<C extends Pick<Change, 'head'>>(changes: readonly C[]): C[] {
  const kept = new Map<string, C>();
  for (const change of changes) {
    const identity = identityOf(change);
    if (change.head.kind === 'counter' || !kept.has(identity)) kept.set(identity, change);
  }
  return changes.filter((change) => kept.get(identityOf(change)) === change);
}

const identityOf = ({ head }: Pick<Change, 'head'>): string =>
  head.kind === 'counter'
    ? head.topic
    : // The repeat that says that the topic is closed is not the message.
      `${head.topic}#${head.epoch}#${head.seq}#${head.closed ?? false}`;
