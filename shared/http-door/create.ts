import type { StreamSettings, StreamState } from '../store/stream-state.ts';
import type { StreamCreation } from '../store/stream-updates.ts';
import { mediaTypeOf } from '../store/judge-append.ts';
import { answer, NOT_KEPT, refuse, tailHeaders } from './answers.ts';
import { contentOf, DEFAULT_TYPE } from './content.ts';
import type { AdmittedRequest, DoorDeps } from './door-deps.ts';
import { planFork } from './fork.ts';
import { closes, isBad, readEnd } from './read-headers.ts';
import type { StreamAnswer, StreamRequest } from './stream-request.ts';

/** Answers a PUT: creates a stream or a fork, or confirms one with the same settings. */
export async function create(deps: DoorDeps, admitted: AdmittedRequest): Promise<StreamAnswer> {
  const { request, topic, subject } = admitted;
  const { headers, body } = request;
  if (request.isSigned !== true && !deps.mayCreate(topic))
    return refuse(403, 'forbidden', 'Only a server creates this topic.');
  const end = readEnd(headers);
  if (isBad(end)) return refuse(400, 'bad-request', end.bad);
  const fork = await planFork(deps, request, end);
  if (fork !== undefined && 'status' in fork) return fork;
  const settings: StreamSettings = fork?.settings ?? { contentType: headers['content-type'] ?? DEFAULT_TYPE, ...end };
  const present = fork?.source && (await deps.streams.find(topic));
  if (present !== undefined && isAlive(present, deps.now())) return confirm(request, present, settings);
  const content = body.byteLength === 0 ? { messages: [], values: [] } : contentOf(body, settings.contentType);
  await deps.count(subject, { frames: 0, publishes: content.messages.length });
  await deps.checkValues(topic, content.values);
  const creation: StreamCreation = {
    topic,
    settings,
    messages: [...(fork?.messages ?? []), ...content.messages],
    isClosed: closes(headers),
    inherited: fork?.inherited,
    from: subject,
  };
  const created = await deps.streams.create(creation, fork?.source);
  if (created === 'source-changed') return refuse(409, 'source', 'The source has changed. Try again.');
  return 'present' in created ? confirm(request, created.present, settings) : answered(201, request, created.state);
}

const isAlive = ({ endsAt }: StreamState, nowMs: number): boolean => endsAt === undefined || endsAt > nowMs;

/** Answers a PUT of a stream that exists: 200 if it has the same settings. */
function confirm(request: StreamRequest, present: StreamState, settings: StreamSettings): StreamAnswer {
  const isSame =
    !present.isGone && present.isClosed === closes(request.headers) && sameSettings(present.settings, settings);
  return isSame ? answered(200, request, present) : refuse(409, 'conflict', 'There is another stream of this name.');
}

const sameSettings = (one: StreamSettings, other: StreamSettings): boolean => keyOf(one) === keyOf(other);

const keyOf = ({ contentType, ttlSeconds, deadline, source }: StreamSettings): string =>
  JSON.stringify([
    mediaTypeOf(contentType),
    ttlSeconds ?? null,
    deadline === undefined ? null : Date.parse(deadline),
    source === undefined ? null : [source.topic, source.offset, source.subOffset],
  ]);

const answered = (status: 200 | 201, { origin, path }: StreamRequest, state: StreamState): StreamAnswer =>
  answer(status, {
    ...NOT_KEPT,
    ...tailHeaders(state),
    'Content-Type': state.settings.contentType,
    ...(status === 201 ? { Location: `${origin}${path}` } : {}),
  });
