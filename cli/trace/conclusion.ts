import { counted } from '../output.ts';
import type { Broadcast } from './find-broadcasts.ts';
import type { Trace } from './timeline.ts';
import type { ArchiveState, Written } from './find-written.ts';

const ARCHIVE: Readonly<Record<Exclude<ArchiveState, 'unwritten'>, string>> = {
  archived: 'The archive has it: a client that catches up receives it.',
  'earlier-epoch': 'The archive has another message at this seq, of an earlier epoch of the topic, and not this one.',
  hole: 'The archive does not have it, though it has older ones: a client that catches up over it gets recovered: false.',
  beyond: 'The archive has nothing that old of this topic: it has expired, or was never archived.',
  'out-of-reach':
    'The archive has it, but clients read only the newest messages of this topic (its setting `history`), and not this one.',
  'last-value-only':
    'The topic keeps its last value only: a client that catches up receives the newest message, whatever it missed.',
  none: 'Changes of counters are not archived: a client that catches up receives the newest value.',
};

/** Returns the conclusions of a trace for all subscribers, in sentences. */
export function conclusionOf({ written, broadcasts, givenUp }: Trace): string[] {
  if (written.archive === 'unwritten') return [unwritten(written)];
  const { head, epoch } = written;
  const old = head?.epoch === epoch ? [] : ['It is of an earlier epoch of the topic, which has begun a new one since.'];
  const held = givenUp.some(({ isPoison }) => !isPoison);
  const last = broadcasts.findLast(({ isUndone }) => !isUndone) ?? broadcasts.at(-1);
  return [...old, ARCHIVE[written.archive], last === undefined ? unread(held) : ended(last, held)];
}

const unwritten = ({ topic, seq, head, isBroken }: Written): string =>
  isBroken
    ? `The item of ${topic} is malformed: every publish to it fails. See distributary doctor.`
    : head === undefined
      ? `Nobody has published to ${topic}, or its head has expired: there is no seq ${seq}.`
      : `Seq ${seq} was never written: ${topic} stands at seq ${head.seq} (epoch ${head.epoch}).`;

const unread = (isHeld: boolean): string =>
  isHeld
    ? 'No broadcast succeeded: it was given up.'
    : 'No log line shows its broadcast: it is not read yet, or the lines are gone (the local runtime keeps the newest until it ends; CloudWatch Logs has them some seconds late, and keeps them for a month).';

function ended({ subscribers, excluded, undelivered, unnamed, isUndone }: Broadcast, isHeld: boolean): string {
  if (isUndone) return `It is not done yet: ${isHeld ? 'it was given up' : 'the batch is retried'}.`;
  if (subscribers === 0) return 'Nobody was subscribed when it was broadcast.';
  const missed = [...undelivered.values()].reduce((sum, ids) => sum + ids.length, unnamed);
  return missed === 0
    ? `It went to every subscriber that was found${excluded.length > 0 ? ', except its publisher, who asked not to get it' : ''}.`
    : `It did not get to ${missed} of ${counted(subscribers, 'subscriber')}: their clients see the gap by its seq, and catch up.`;
}
