import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import type * as z from 'zod/mini';
import { ClientError } from '../shared/errors.ts';
import type { Action } from '../shared/protocol/client-frames.ts';
import { decodeFrame, parseFrame } from '../shared/protocol/decode-frame.ts';
import { ERROR_CODES } from '../shared/protocol/error-codes.ts';
import type { ConnectionRef } from '../shared/store/subscription-record.ts';
import { type AckFields, ackOf, errorOf } from './answers.ts';
import { createLambda, type Instruments } from './lambda.ts';
import type { WebSocketEvent, WebSocketResult } from './web-socket-event.ts';

export interface FrameRouteOptions<F> {
  /** Names the function in logs and metrics. */
  readonly name: string;
  /** Parses the frame's text. Throws ClientError. JSON unless said. */
  readonly parse?: (text: string) => unknown;
  /** Checks what was parsed. Throws ClientError. */
  readonly decode: (parsed: unknown) => F;
  /** Does what the frame asks for. Throws ClientError. */
  readonly handle: (frame: F, connection: ConnectionRef) => Promise<Handled>;
}

interface Handled {
  /** The text that answers the frame, if any does. */
  readonly answer?: string | undefined;
  /** What was written, for the log. */
  readonly written?: AckFields;
}

export interface RouteOptions<S extends z.ZodMiniType<Frame>> {
  readonly schema: S;
  /** The route's one write. Throws ClientError for what the client can put right. */
  readonly write: (frame: z.infer<S>, connection: ConnectionRef) => Promise<AckFields>;
}

interface Frame {
  readonly action: Action;
  readonly id?: string | undefined;
}

interface FrameEvent<F> extends WebSocketEvent {
  /** What the text says; kept for the `id` and the `action` of an error. */
  parsed?: unknown;
  frame?: F;
}

/** A route whose frame is acknowledged: its schema and its one write. Everything else is here. */
export const route = <S extends z.ZodMiniType<Frame>>(action: Action, { schema, write }: RouteOptions<S>) =>
  frameRoute<z.infer<S>>({
    name: action,
    decode: (parsed) => decodeFrame(schema, parsed),
    handle: async (frame, connection) => {
      const written = await write(frame, connection);
      return { answer: ackOf(frame, written), written };
    },
  });

/** A route in general: parses, validates, does, answers; one log line and one set of metrics for each frame. */
export function frameRoute<F>(options: FrameRouteOptions<F>) {
  const { lambda, ...instruments } = createLambda<FrameEvent<F>, WebSocketResult>(options.name);
  return lambda.use(frames(options, instruments)).handler(async ({ frame, requestContext }) => {
    if (frame === undefined) throw new TypeError('The frame was not decoded.');
    const { answer, written = {} } = await options.handle(frame, requestContext);
    instruments.logger.info('frame', { ...written });
    return result(answer);
  });
}

function frames<F>({ parse = parseFrame, decode }: FrameRouteOptions<F>, instruments: Instruments) {
  return {
    before: ({ event }) => {
      instruments.logger.appendKeys({ connectionId: event.requestContext.connectionId });
      event.parsed = parse(event.body ?? '');
      event.frame = decode(event.parsed);
    },
    after: () => {
      instruments.metrics.addMetric('Frames', MetricUnit.Count, 1);
    },
    onError: (request) => {
      const error = toClientError(request.error, instruments);
      request.response = result(errorOf(error, request.event.parsed));
    },
  } satisfies MiddlewareObj<FrameEvent<F>, WebSocketResult>;
}

/** What the client is told of an error. The log has its cause; a fault of ours is told apart from one of the client's. */
function toClientError(error: unknown, { logger, metrics }: Instruments): ClientError {
  if (error instanceof ClientError && error.code !== 'unavailable') {
    metrics.addMetric('RefusedFrames', MetricUnit.Count, 1);
    logger.info('frame refused', { code: error.code });
    return error;
  }
  metrics.addMetric('FailedFrames', MetricUnit.Count, 1);
  if (error instanceof ClientError) {
    // Contention: the client tries again. Anything else is for an engineer to look at.
    logger.warn('frame failed', { error });
    return error;
  }
  logger.error('frame failed', { error });
  return new ClientError('unavailable', ERROR_CODES.unavailable, { cause: error });
}

const result = (body: string | undefined): WebSocketResult => ({
  statusCode: 200,
  ...(body === undefined ? {} : { body }),
});
