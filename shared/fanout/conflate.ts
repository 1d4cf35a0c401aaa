import type { Change } from './change.ts';

/** Leaves out what another change of the same batch makes needless: all but a counter's last, and a message's repeats. */
export function conflate(changes: readonly Change[]): Change[] {
  const kept = new Map<string, Change>();
  for (const change of changes) {
    const identity = identityOf(change);
    if (change.head.kind === 'counter' || !kept.has(identity)) kept.set(identity, change);
  }
  return changes.filter((change) => kept.get(identityOf(change)) === change);
}

const identityOf = ({ head }: Change): string =>
  head.kind === 'counter' ? head.topic : `${head.topic}#${head.epoch}#${head.seq}`;
