import { byteLength } from '../../protocol/decode-frame.ts';
import { isCounterTopic } from '../../protocol/topic.ts';
import { encodeMessage } from '../stream-records.ts';
import type { ArchivedMessage } from '../../store/messages.ts';
import { groupToFit } from '../deliver/frame-packing.ts';
import type { OlderMessages } from './older-messages.ts';
import type { Recovery } from './recover.ts';

/** The recipient of a recovery. */
export interface Addressee {
  readonly topic: string;
  readonly connectionId: string;
  /** The wildcard by which the connection gets the topic. Absent: it has subscribed to the topic itself. */
  readonly wildcard?: string | undefined;
}

/**
 * Encodes a recovery as `subscribed` frames: one, or in order as many as its messages need at 32 KB each, all but the
 * last with `more`. A message that its publisher asked not to get back is left out for the publisher, as in live
 * delivery.
 */
export function encodeRecovery(recovery: Recovery, { topic, connectionId, wildcard }: Addressee): string[] {
  const { epoch, recovered } = recovery;
  // A counter that was never changed has no head, and stands at 0.
  const value = recovery.value ?? (isCounterTopic(topic) ? 0 : undefined);
  const counted = value === undefined ? {} : { value };
  const { closed, lastValueOnly } = recovery;
  const envelope = { type: 'subscribed', topic, wildcard, epoch, recovered, closed, lastValueOnly, ...counted };
  if (value !== undefined) return [JSON.stringify({ ...envelope, seq: recovery.seq })];
  const messages = recovery.messages.filter(({ exclude }) => exclude !== connectionId);
  return inFrames(envelope, messages, (last) => ({ seq: last?.seq ?? recovery.seq }));
}

/** The answer to a request for older messages: whom it goes to, and the id of the request. */
export interface HistoryAddressee extends Addressee {
  readonly id?: string | undefined;
}

/**
 * Encodes older messages as `history` frames: one, or in order as many as they need at 32 KB each, all but the last
 * with `more`. As in a recovery, a message that its publisher asked not to get back is left out for the publisher.
 */
export function encodeHistory(older: OlderMessages, { topic, connectionId, id }: HistoryAddressee): string[] {
  const { before, isLost } = older;
  const envelope = { type: 'history', id, topic, before, ...(isLost ? { lost: true } : {}) };
  const messages = older.messages.filter(({ exclude }) => exclude !== connectionId);
  return inFrames(envelope, messages, () => ({}));
}

/**
 * Encodes messages in as many frames as they need, at least one. `fields` returns further fields of a frame, from its
 * last message; undefined for the last frame.
 */
function inFrames(
  envelope: object,
  messages: readonly ArchivedMessage[],
  fields: (last: ArchivedMessage | undefined) => object,
): string[] {
  const groups = groupToFit(messages.map(encodeMessage), byteLength(JSON.stringify(envelope)) + FIELDS_BYTES);
  let done = 0;
  return (groups.length === 0 ? [[]] : groups).map((group, index) => {
    done += group.length;
    const isLast = index >= groups.length - 1;
    const more = isLast ? {} : { more: true };
    const head = JSON.stringify({ ...envelope, ...fields(isLast ? undefined : messages[done - 1]), ...more });
    return `${head.slice(0, -1)},"messages":[${group.join(',')}]}`;
  });
}

/** The bytes that are kept for `"seq":…`, `"more":true` and `"messages":[]`. */
const FIELDS_BYTES = 64;
