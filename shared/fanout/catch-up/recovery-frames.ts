import { byteLength } from '../../protocol/decode-frame.ts';
import { isCounterTopic } from '../../protocol/topic.ts';
import { encodeMessage } from '../stream-records.ts';
import { groupToFit } from '../deliver/frame-packing.ts';
import type { Recovery } from './recover.ts';

/** The recipient of a recovery. */
export interface Addressee {
  readonly topic: string;
  readonly connectionId: string;
}

/**
 * Encodes a recovery as `subscribed` frames: one, or in order as many as its messages need at 32 KB each, all but the
 * last with `more`. A message that its publisher asked not to get back is left out for the publisher, as in live
 * delivery.
 */
export function encodeRecovery(recovery: Recovery, { topic, connectionId }: Addressee): string[] {
  const { epoch, recovered } = recovery;
  // A counter that was never changed has no head, and stands at 0.
  const value = recovery.value ?? (isCounterTopic(topic) ? 0 : undefined);
  const envelope = { type: 'subscribed', topic, epoch, recovered, ...(value === undefined ? {} : { value }) };
  if (value !== undefined) return [JSON.stringify({ ...envelope, seq: recovery.seq })];
  const messages = recovery.messages.filter(({ exclude }) => exclude !== connectionId);
  const groups = groupToFit(messages.map(encodeMessage), byteLength(JSON.stringify(envelope)) + FIELDS_BYTES);
  let done = 0;
  return (groups.length === 0 ? [[]] : groups).map((group, index) => {
    done += group.length;
    const last = index >= groups.length - 1;
    const seq = last ? recovery.seq : messages[done - 1]?.seq;
    const head = JSON.stringify({ ...envelope, seq, ...(last ? {} : { more: true }) });
    return `${head.slice(0, -1)},"messages":[${group.join(',')}]}`;
  });
}

/** The bytes that are kept for `"seq":…`, `"more":true` and `"messages":[]`. */
const FIELDS_BYTES = 64;
