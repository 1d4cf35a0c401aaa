import { ClientError } from '../errors.ts';
import { isOver } from '../store/stream-state.ts';
import { answer, gone, missing, NOT_KEPT, answerError, refuse, tailHeaders } from './answers.ts';
import { append } from './append.ts';
import { create } from './create.ts';
import type { AdmittedRequest, DoorDeps, StreamNeed } from './door-deps.ts';
import { read } from './read.ts';
import { type StreamAnswer, type StreamRequest, topicOfPath } from './stream-request.ts';

type Serve = (deps: DoorDeps, admitted: AdmittedRequest) => Promise<StreamAnswer>;

const METHODS: Readonly<Record<string, { readonly action: StreamNeed['action']; readonly serve: Serve }>> = {
  GET: { action: 'subscribe', serve: read },
  HEAD: { action: 'subscribe', serve: describe },
  PUT: { action: 'publish', serve: create },
  POST: { action: 'publish', serve: append },
  DELETE: { action: 'publish', serve: remove },
};

/** Serves a request for a stream. Every ClientError is an answer; any other error is thrown. */
export async function serveStream(deps: DoorDeps, request: StreamRequest): Promise<StreamAnswer> {
  const method = METHODS[request.method];
  if (method === undefined)
    return refuse(405, 'bad-method', { message: 'A stream has no such method.', headers: ALLOWED });
  const topic = topicOfPath(request.path);
  if (topic === undefined) return refuse(404, 'bad-topic', 'No stream can have this name.');
  const admit = () => answering(() => admission(deps, request, { action: method.action, name: topic }));
  const admitted = await admit();
  if ('status' in admitted) return admitted;
  const checkAgain = async () => {
    const again = await admit();
    return 'status' in again ? again : undefined;
  };
  return answering(async () => {
    await deps.count(admitted.subject, { frames: 1, publishes: 0 });
    return method.serve(deps, { request, topic, ...admitted, checkAgain });
  });
}

async function admission(deps: DoorDeps, request: StreamRequest, need: StreamNeed) {
  const admitted = await deps.admit(request, need);
  return 'refused' in admitted ? refuse(admitted.refused, 'unauthorized', CHALLENGE) : admitted;
}

/** Turns a ClientError into an answer. */
async function answering<T>(work: () => Promise<T>): Promise<T | StreamAnswer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ClientError) return answerError(error);
    throw error;
  }
}

const ALLOWED = { Allow: Object.keys(METHODS).join(', ') };

const CHALLENGE = { message: 'The token is missing or not valid.', headers: { 'WWW-Authenticate': 'Bearer' } } as const;

/** Answers a HEAD: where the stream ends, and its settings. */
async function describe({ streams, now }: DoorDeps, { topic }: AdmittedRequest): Promise<StreamAnswer> {
  const state = await streams.find(topic);
  if (state === undefined || isOver(state, now())) return missing();
  if (state.isGone) return gone();
  const { contentType, ttlSeconds, deadline } = state.settings;
  return answer(200, {
    ...NOT_KEPT,
    ...tailHeaders(state),
    'Content-Type': contentType,
    ...(ttlSeconds === undefined ? {} : { 'Stream-TTL': String(ttlSeconds) }),
    ...(deadline === undefined ? {} : { 'Stream-Expires-At': deadline }),
  });
}

async function remove({ streams }: DoorDeps, { topic }: AdmittedRequest): Promise<StreamAnswer> {
  const outcome = await streams.remove(topic);
  if (outcome === 'removed') return answer(204, NOT_KEPT);
  return outcome === 'gone' ? gone() : missing();
}
