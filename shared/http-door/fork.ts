import { isOver, type Segment, type StreamSettings, type StreamState } from '../store/stream-state.ts';
import type { Inherited } from '../store/stream-updates.ts';
import { mediaTypeOf } from '../store/judge-append.ts';
import { refuse } from './answers.ts';
import { isJson, isText, pieceBytes, piecesOf } from './content.ts';
import type { DoorDeps } from './door-deps.ts';
import { HTTP_BOUNDS } from './http-bounds.ts';
import { readOffset } from './offsets.ts';
import { isBad, readSubOffset } from './read-headers.ts';
import { type StreamAnswer, type StreamRequest, topicOfPath } from './stream-request.ts';

/** A fork that a PUT asks for. */
export interface ForkPlan {
  readonly source: StreamState;
  readonly settings: StreamSettings;
  readonly inherited?: Inherited | undefined;
  /** The part of a message before the sub-offset, which becomes the fork's own first message. */
  readonly messages: readonly string[];
}

/** Returns the fork that a PUT asks for, its refusal, or undefined for a PUT that asks for none. */
export async function planFork(
  deps: DoorDeps,
  { headers }: StreamRequest,
  end: Pick<StreamSettings, 'ttlSeconds' | 'deadline'>,
): Promise<ForkPlan | StreamAnswer | undefined> {
  const { 'stream-forked-from': from, 'stream-fork-offset': offset = '', 'content-type': asked } = headers;
  if (from === undefined) {
    const isLost = headers['stream-fork-sub-offset'] !== undefined || offset !== '';
    return isLost ? bad('A fork names its source: Stream-Forked-From.') : undefined;
  }
  const subOffset = readSubOffset(headers);
  if (isBad(subOffset)) return bad(subOffset.bad);
  if (subOffset > 0 && offset === '') return bad('A sub-offset needs Stream-Fork-Offset.');
  const topic = topicOfPath(from);
  const source = topic === undefined ? undefined : await deps.streams.find(topic);
  if (source === undefined || isOver(source, deps.now())) return refuse(404, 'missing', 'There is no such source.');
  if (source.isGone) return refuse(409, 'gone', 'The source was deleted.');
  if (isBounded(deps, source)) return refuse(409, 'bounded', 'Of the source only the newest messages can be read.');
  if (asked !== undefined && mediaTypeOf(asked) !== mediaTypeOf(source.settings.contentType)) {
    return refuse(409, 'content-type', 'The source has another content type.');
  }
  const settings: StreamSettings = {
    contentType: source.settings.contentType,
    ...(end.ttlSeconds === undefined && end.deadline === undefined ? endOf(source.settings) : end),
    source: { topic: source.topic, offset, subOffset },
  };
  return placeFork(deps, source, settings);
}

/** Whether readers get the newest messages only: a fork would show the others. */
function isBounded({ settingsOf }: DoorDeps, { topic }: StreamState): boolean {
  const { history, lastValueOnly } = settingsOf(topic);
  return history !== undefined || lastValueOnly === true;
}

const endOf = ({ ttlSeconds, deadline }: StreamSettings): Pick<StreamSettings, 'ttlSeconds' | 'deadline'> => ({
  ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
  ...(deadline === undefined ? {} : { deadline }),
});

const bad = (message: string): StreamAnswer => refuse(400, 'bad-request', message);

async function placeFork(
  deps: DoorDeps,
  source: StreamState,
  settings: StreamSettings,
): Promise<ForkPlan | StreamAnswer> {
  const { offset = '', subOffset = 0 } = settings.source ?? {};
  const anchor = seqOf(source, offset);
  if (anchor === undefined) return bad('The source has no such offset.');
  if (isJson(settings.contentType)) {
    const seq = anchor + subOffset;
    return seq > source.seq
      ? bad('The sub-offset is past the messages.')
      : plan(source, settings, { seq, messages: [] });
  }
  const cut = subOffset === 0 ? { seq: anchor, messages: [] } : await cutBytes(deps, source, { anchor, subOffset });
  return cut === undefined ? bad('The sub-offset is past the bytes.') : plan(source, settings, cut);
}

/**
 * Returns the seq of an offset in a stream, the tail for none; undefined for an offset that the stream does not have.
 */
function seqOf(source: StreamState, offset: string): number | undefined {
  if (offset === '') return source.seq;
  const asked = readOffset(offset);
  if (asked === undefined) return undefined;
  if (asked.at === 'now') return source.seq;
  if (asked.at === 'start') return 0;
  return asked.epoch === source.epoch && asked.seq <= source.seq ? asked.seq : undefined;
}

interface Cut {
  readonly seq: number;
  readonly messages: readonly string[];
}

/** Finds the message in which a number of bytes behind an offset ends, and cuts it there. */
async function cutBytes(
  deps: DoorDeps,
  source: StreamState,
  { anchor, subOffset }: { readonly anchor: number; readonly subOffset: number },
): Promise<Cut | undefined> {
  const { messages } = await deps.readSlice(source, { after: anchor, bytes: subOffset * 2 });
  let [seq, left] = [anchor, subOffset];
  for (const message of messages) {
    const bytes = pieceBytes(message);
    if (left < bytes.byteLength) break;
    [seq, left] = [seq + 1, left - bytes.byteLength];
    if (left === 0) return { seq, messages: [] };
  }
  const next = messages[seq - anchor];
  if (next === undefined) return undefined;
  return { seq, messages: piecesOf(pieceBytes(next).subarray(0, left), isText(source.settings.contentType)) };
}

function plan(source: StreamState, settings: StreamSettings, { seq, messages }: Cut): ForkPlan | StreamAnswer {
  if (seq === 0 || source.epoch === undefined) return { source, settings, messages };
  const segments = segmentsUpTo(source, seq);
  if (segments.length > HTTP_BOUNDS.SEGMENTS) return bad('There are too many forks of forks.');
  return { source, settings, messages, inherited: { segments, epoch: source.epoch, seq } };
}

/** Returns the topics that hold a stream's messages up to a seq. */
function segmentsUpTo(source: StreamState, seq: number): readonly Segment[] {
  const ownFrom = (source.segments.at(-1)?.to ?? 0) + 1;
  const all = [...source.segments, { topic: source.topic, from: ownFrom, to: seq }];
  return all.map((segment) => ({ ...segment, to: Math.min(segment.to, seq) })).filter(({ from, to }) => from <= to);
}
