import { counted } from '../output.ts';
import type { Broadcast } from './find-broadcasts.ts';
import type { Trace } from './timeline.ts';
import type { ArchiveState, Written } from './find-written.ts';

const ARCHIVE: Readonly<Record<Exclude<ArchiveState, 'unwritten'>, string>> = {
  archived: 'The archive has it: who catches up gets it.',
  'earlier-life': 'The archive has another message at this seq, of an earlier life of the topic, and not this one.',
  hole: 'The archive does not have it, though it has older ones: who catches up over it is told recovered: false.',
  beyond: 'The archive has nothing that old of this topic: it has expired, or never came there.',
  none: 'Changes of counters are not archived: who catches up gets the newest value.',
};

/** What follows from a trace for everyone, in sentences. */
export function conclusionOf({ written, broadcasts, givenUp }: Trace): string[] {
  if (written.archive === 'unwritten') return [unwritten(written)];
  const { head, epoch } = written;
  const old = head?.epoch === epoch ? [] : ['It is of an earlier life of the topic: the topic has begun anew since.'];
  const held = givenUp.some(({ isPoison }) => !isPoison);
  const last = broadcasts.findLast(({ isUndone }) => !isUndone) ?? broadcasts.at(-1);
  return [...old, ARCHIVE[written.archive], last === undefined ? unread(held) : ended(last, held)];
}

const unwritten = ({ topic, seq, head, isBroken }: Written): string =>
  isBroken
    ? `The item of ${topic} is no whole head: whatever is published to it fails. See distributary doctor.`
    : head === undefined
      ? `Nobody has published to ${topic}, or it is forgotten: there is no seq ${seq}.`
      : `Seq ${seq} was never written: ${topic} stands at seq ${head.seq} (epoch ${head.epoch}).`;

const unread = (isHeld: boolean): string =>
  isHeld
    ? 'No broadcast got through: it was given up.'
    : 'No log line tells of its broadcast: it is not read yet, or the lines are gone (the local runtime keeps the newest, until it ends; CloudWatch Logs has them some seconds late, and keeps them for a month).';

function ended({ subscribers, excluded, undelivered, unnamed, isUndone }: Broadcast, isHeld: boolean): string {
  if (isUndone) return `It is not done yet: ${isHeld ? 'it was given up' : 'the batch is tried again'}.`;
  if (subscribers === 0) return 'Nobody was subscribed when it was broadcast.';
  const missed = [...undelivered.values()].reduce((sum, ids) => sum + ids.length, unnamed);
  return missed === 0
    ? `It went to every subscriber that was found${excluded.length > 0 ? ', but for its publisher, who asked not to get it' : ''}.`
    : `It did not get to ${missed} of ${counted(subscribers, 'subscriber')}: they see the gap by its seq, and catch up.`;
}
