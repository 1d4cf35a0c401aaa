import type { Change } from './change.ts';

/** Leaves out what a later change of the same batch makes needless: all but a counter's last, and a record seen twice. */
export function conflate(changes: readonly Change[]): Change[] {
  const last = new Map<string, Change>();
  for (const change of changes) last.set(identityOf(change), change);
  return changes.filter((change) => last.get(identityOf(change)) === change);
}

const identityOf = ({ head }: Change): string =>
  head.kind === 'counter' ? head.topic : `${head.topic}#${head.epoch}#${head.seq}`;
