import type { ProducerRequest, StreamSettings } from '../store/stream-state.ts';
import { HTTP_BOUNDS } from './http-bounds.ts';
import type { StreamRequest } from './stream-request.ts';

type Headers = StreamRequest['headers'];

/** A header that is not valid, with what is wrong. */
export interface BadHeader {
  readonly bad: string;
}

/** Whether a value is one, and not a bad header. */
export const isBad = (value: unknown): value is BadHeader =>
  typeof value === 'object' && value !== null && 'bad' in value;

/** Whether a request closes its stream: only the value `true` counts, in any case. */
export const closes = (headers: Headers): boolean => headers['stream-closed']?.toLowerCase() === 'true';

const WHOLE = /^(?:0|[1-9]\d{0,15})$/;

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;

/** Reads when a stream ends: by a TTL, at a time, or never. */
export function readEnd(headers: Headers): Pick<StreamSettings, 'ttlSeconds' | 'deadline'> | BadHeader {
  const { 'stream-ttl': ttl, 'stream-expires-at': deadline } = headers;
  if (ttl !== undefined && deadline !== undefined)
    return { bad: 'Stream-TTL and Stream-Expires-At exclude each other.' };
  if (ttl !== undefined && (!WHOLE.test(ttl) || Number(ttl) > MOST_SECONDS))
    return { bad: 'Stream-TTL is not a number of seconds.' };
  if (deadline !== undefined && (!RFC_3339.test(deadline) || Number.isNaN(Date.parse(deadline)))) {
    return { bad: 'Stream-Expires-At is not a time of RFC 3339.' };
  }
  return { ...(ttl === undefined ? {} : { ttlSeconds: Number(ttl) }), ...(deadline === undefined ? {} : { deadline }) };
}

/** The longest TTL in seconds: a thousand years. */
const MOST_SECONDS = 31_536_000_000;

/** Reads the producer of a request: three headers, or none. */
export function readProducer(headers: Headers): { readonly producer?: ProducerRequest } | BadHeader {
  const { 'producer-id': id, 'producer-epoch': epoch, 'producer-seq': seq } = headers;
  if (id === undefined && epoch === undefined && seq === undefined) return {};
  if (id === undefined || epoch === undefined || seq === undefined) {
    return { bad: 'Producer-Id, Producer-Epoch and Producer-Seq belong together.' };
  }
  if (id === '' || id.length > HTTP_BOUNDS.NAME_LENGTH) return { bad: 'Producer-Id is empty or too long.' };
  if (!isCount(epoch) || !isCount(seq)) return { bad: 'Producer-Epoch and Producer-Seq are whole numbers.' };
  return { producer: { id, epoch: Number(epoch), seq: Number(seq) } };
}

const isCount = (text: string): boolean => WHOLE.test(text) && Number.isSafeInteger(Number(text));

/** Reads the writer's sequence of a request. */
export function readStreamSeq(headers: Headers): { readonly streamSeq?: string } | BadHeader {
  const { 'stream-seq': streamSeq } = headers;
  if (streamSeq === undefined) return {};
  const isValid = streamSeq !== '' && streamSeq.length <= HTTP_BOUNDS.NAME_LENGTH;
  return isValid ? { streamSeq } : { bad: 'Stream-Seq is empty or too long.' };
}

/** Reads a sub-offset of a fork: a whole number, 0 where there is none. */
export function readSubOffset(headers: Headers): number | BadHeader {
  const { 'stream-fork-sub-offset': text } = headers;
  if (text === undefined) return 0;
  return isCount(text) ? Number(text) : { bad: 'Stream-Fork-Sub-Offset is not a whole number.' };
}
