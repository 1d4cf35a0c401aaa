import { Readable } from 'node:stream';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { executionModeStreamifyResponse } from '@middy/core/StreamifyResponse';
import { serveStream } from '../shared/http-door/door.ts';
import type { StreamAnswer } from '../shared/http-door/stream-request.ts';
import { FRAMES_PATH, serveFrames } from '../shared/http-frames/serve-frames.ts';
import { readAuth } from '../shared/config.ts';
import { createAuthentication } from './admission.ts';
import { createLambda } from './lambda.ts';
import { openDoor } from './open-door.ts';
import { openFrames } from './open-frames.ts';
import { openSubjectLimits } from './open-stores.ts';
import { openHandshakeRules } from './open-verifier.ts';
import { requestOf, type UrlEvent, type UrlResult } from './url-event.ts';

// The result is sent to the client as it comes.
const executionMode = executionModeStreamifyResponse;
const { lambda, logger, metrics } = createLambda<UrlEvent, UrlResult>('stream', { executionMode });
const keepers = {
  authenticate: createAuthentication(readAuth() ? openHandshakeRules() : undefined),
  count: openSubjectLimits((error) => logger.warn('rate not counted', { error })),
};
const door = await openDoor(keepers);
const frames = await openFrames({
  ...keepers,
  onFailure: (error) => {
    logger.error('frame failed', { error });
    metrics.addMetric('FailedRequests', MetricUnit.Count, 1);
    // The metrics of the request were written when its answer began.
    metrics.publishStoredMetrics();
  },
});

/**
 * Handles the HTTP door: creates, appends to, reads, describes and deletes streams, which are topics, and takes the
 * frames of clients that can have no socket. A write is one atomic update of the topic's head, which the stream Lambdas
 * deliver as any publish. A read comes from the head and the archive; a live read waits in this Lambda. Each request
 * makes one log line and one set of metrics.
 */
export const handler = lambda.handler(async (event) => {
  const request = requestOf(event);
  const answer = await answerTo(request);
  metrics.addMetric('Requests', MetricUnit.Count, 1);
  if (answer.status >= 500) metrics.addMetric('FailedRequests', MetricUnit.Count, 1);
  logger.info('request', { method: request.method, path: request.path, status: answer.status });
  return { statusCode: answer.status, headers: answer.headers, body: bodyOf(answer) };
});

async function answerTo(request: ReturnType<typeof requestOf>): Promise<StreamAnswer> {
  try {
    return await (request.path === FRAMES_PATH ? serveFrames(frames, request) : serveStream(door, request));
  } catch (error) {
    logger.error('request failed', { error });
    return { status: 503, headers: { 'Cache-Control': 'no-store', 'Retry-After': '1' } };
  }
}

function bodyOf({ body = '' }: StreamAnswer): string | Readable {
  if (typeof body === 'string') return body;
  return Readable.from(body instanceof Uint8Array ? [body] : body, { objectMode: true });
}
