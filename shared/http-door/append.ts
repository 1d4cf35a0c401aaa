import { mediaTypeOf } from '../store/judge-append.ts';
import type { ProducerRequest, StreamState } from '../store/stream-state.ts';
import type { RefusedAppend } from '../store/streams.ts';
import { answer, gone, missing, NOT_KEPT, refuse, tailHeaders } from './answers.ts';
import { contentOf } from './content.ts';
import type { AdmittedRequest, DoorDeps } from './door-deps.ts';
import { closes, isBad, readProducer, readStreamSeq } from './read-headers.ts';
import type { StreamAnswer } from './stream-request.ts';

/** Answers a POST: appends the body, closes the stream, or both at once. */
export async function append(deps: DoorDeps, { request, topic, subject }: AdmittedRequest): Promise<StreamAnswer> {
  const { headers, body } = request;
  const [writer, order] = [readProducer(headers), readStreamSeq(headers)];
  if (isBad(writer)) return bad(writer.bad);
  if (isBad(order)) return bad(order.bad);
  const { 'content-type': contentType } = headers;
  const isEmpty = body.byteLength === 0;
  if (isEmpty && !closes(headers)) return bad('An append has a body.');
  if (!isEmpty && contentType === undefined) return bad('An append has a Content-Type.');
  const { messages, values } = isEmpty ? NOTHING : contentOf(body, contentType ?? '');
  if (!isEmpty && messages.length === 0) return bad('An append has at least one message.');
  await deps.count(subject, { frames: 0, publishes: messages.length });
  await deps.checkValues(topic, values);
  const { producer } = writer;
  const result = await deps.streams.append({
    topic,
    messages,
    mediaType: isEmpty ? undefined : mediaTypeOf(contentType ?? ''),
    closes: closes(headers),
    ...order,
    producer,
    from: subject,
  });
  return 'refused' in result ? refusedAppend(result, producer) : appended(result.state, isEmpty, producer);
}

const NOTHING = { messages: [], values: [] } as const;

const bad = (message: string): StreamAnswer => refuse(400, 'bad-request', message);

const appended = (state: StreamState, isEmpty: boolean, producer: ProducerRequest | undefined): StreamAnswer =>
  answer(producer === undefined || isEmpty ? 204 : 200, {
    ...NOT_KEPT,
    ...tailHeaders(state),
    ...(producer === undefined ? {} : numbers(producer.epoch, producer.seq)),
  });

const numbers = (epoch: number, seq: number) => ({ 'Producer-Epoch': String(epoch), 'Producer-Seq': String(seq) });

function refusedAppend(refusal: RefusedAppend, producer: ProducerRequest | undefined): StreamAnswer {
  const { state } = refusal;
  const tail = state === undefined ? {} : tailHeaders(state);
  switch (refusal.refused) {
    case 'missing':
      return missing();
    case 'gone':
      return gone();
    case 'repeated':
      return answer(204, { ...NOT_KEPT, ...tail, ...repeatedNumbers(producer, refusal.highest) });
    case 'closed':
      return refuse(409, 'closed', { message: 'The stream is closed.', headers: tail });
    case 'content-type':
      return refuse(409, 'content-type', 'The stream has another content type.');
    case 'stream-seq':
      return refuse(409, 'stream-seq', 'The stream has this Stream-Seq or a later one.');
    case 'stale-epoch':
      return refuse(403, 'stale-epoch', {
        message: 'The producer has a later epoch.',
        headers: { 'Producer-Epoch': String(refusal.epoch) },
      });
    case 'late-epoch':
      return refuse(400, 'late-epoch', 'A new epoch begins with Producer-Seq 0.');
    case 'too-many':
      return refuse(429, 'too-many-producers', {
        message: 'The stream has too many producers.',
        headers: { 'Retry-After': '60' },
      });
    case 'gap':
      return refuse(409, 'gap', {
        message: 'Requests of this producer are missing.',
        headers: {
          'Producer-Expected-Seq': String(refusal.expected),
          'Producer-Received-Seq': String(producer?.seq ?? 0),
        },
      });
  }
}

const repeatedNumbers = (producer: ProducerRequest | undefined, highest: number | undefined) =>
  producer === undefined || highest === undefined ? {} : numbers(producer.epoch, highest);
