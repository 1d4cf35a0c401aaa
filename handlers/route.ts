import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import type * as z from 'zod/mini';
import { needsOf } from '../shared/auth/needs.ts';
import type { Need, Principal } from '../shared/auth/permissions.ts';
import { ClientError } from '../shared/errors.ts';
import type { Action, ClientFrame } from '../shared/protocol/client-frames.ts';
import { checkFrameSize, decodeFrame, parsedIn, parseFrame } from '../shared/protocol/decode-frame.ts';
import { ERROR_CODES } from '../shared/protocol/error-codes.ts';
import { type FrameWeight, weightOf } from '../shared/rates/weights.ts';
import { type AckFields, ackOf, errorOf } from '../shared/protocol/answers.ts';
import { createLambda, type Instruments } from './lambda.ts';
import { openFloodWatch, openFrameLimits, openGate, openRates } from './open-stores.ts';
import { type Caller, callerOf, type WebSocketEvent, type WebSocketResult } from './web-socket-event.ts';

/** The parts of a route: how it parses, checks and handles its frames. */
export interface FrameRouteOptions<F> {
  /** The function's name in logs and metrics. */
  readonly name: string;
  /** Parses the frame's text, which is not over the size limit; default: as JSON. Throws ClientError. */
  readonly parse?: (text: string) => unknown;
  /** Checks the parsed value. Throws ClientError. */
  readonly decode: (parsed: unknown) => F;
  /** Returns what the frame needs permission for, where the stack authenticates its connections. */
  readonly needs: (frame: F) => readonly Need[];
  /** Returns what the frame takes of its connection's rates, where the stack limits them. */
  readonly weigh: (frame: F) => FrameWeight;
  /** Carries the frame out. Throws ClientError. */
  readonly handle: (frame: F, caller: Caller) => Promise<HandledFrame>;
}

/** The result of a frame. */
interface HandledFrame {
  /** The text that answers the frame. Absent: no answer. */
  readonly answer?: string | undefined;
  /** The fields of the answer that the log line shows. */
  readonly written?: AckFields;
}

/** The parts of an acknowledged route. */
export interface RouteOptions<S extends z.ZodMiniType<ClientFrame>> {
  readonly schema: S;
  /**
   * Writes to DynamoDB and returns the fields of the `ack`; undefined for a frame that is answered otherwise. A publish
   * and an increment are one atomic write; a subscribe and an unsubscribe make several (see `subscribe.ts` and
   * `unsubscribe.ts`), so a failure may leave a part of them. Throws ClientError for an error that the client can
   * correct.
   */
  readonly write: (frame: z.infer<S>, caller: Caller) => Promise<AckFields | undefined>;
}

interface FrameEvent<F> extends WebSocketEvent {
  /** The parsed text, from which an `error` takes the frame's `id` and `action`. */
  parsed?: unknown;
  frame?: F;
  /** The connection's verified client. Absent in a stack that does not authenticate. */
  principal?: Principal | undefined;
}

/** Creates a route whose frame is acknowledged, from its schema and its write. Route Lambdas only write. */
export const route = <S extends z.ZodMiniType<ClientFrame>>(action: Action, { schema, write }: RouteOptions<S>) =>
  frameRoute<z.infer<S>>({
    name: action,
    decode: (parsed) => decodeFrame(schema, parsed),
    needs: needsOf,
    weigh: weightOf,
    handle: async (frame, caller) => {
      return acknowledged(frame, await write(frame, caller));
    },
  });

/** Returns the result of a frame that was written: its `ack`, or no answer where its change record causes one. */
export const acknowledged = (frame: ClientFrame, written: AckFields | undefined): HandledFrame =>
  written === undefined ? {} : { answer: ackOf(frame, written), written };

/**
 * Creates a route: counts a frame, checks its size, parses it, checks it by its schema, by its connection's permissions
 * and by its rates, handles it and answers it. Every failure is answered with an `error` frame. Each frame makes one
 * log line and one set of metrics.
 */
export function frameRoute<F>(options: FrameRouteOptions<F>) {
  const { lambda, ...instruments } = createLambda<FrameEvent<F>, WebSocketResult>(options.name);
  return lambda.use(frameMiddleware(options, instruments)).handler(async ({ frame, principal, requestContext }) => {
    if (frame === undefined) throw new TypeError('The frame was not decoded.');
    const { answer, written = {} } = await options.handle(frame, callerOf(requestContext, principal));
    instruments.logger.info('frame', { ...written });
    return resultOf(answer);
  });
}

function frameMiddleware<F>(options: FrameRouteOptions<F>, instruments: Instruments) {
  const { parse = parseFrame, decode, needs, weigh } = options;
  const { logger, metrics } = instruments;
  const gate = openGate();
  const rates = openRates();
  const limits = openFrameLimits(rates, (error) => logger.warn('rate not counted', { error }));
  const floods = openFloodWatch(rates, {
    onEnded: (refused) => {
      metrics.addMetric('FloodingConnections', MetricUnit.Count, 1);
      logger.warn('connection floods', { refused });
    },
    onFailure: (error) => logger.error('end not recorded', { error }),
  });
  return {
    before: async ({ event }) => {
      const { requestContext, body: text = '' } = event;
      logger.appendKeys({ connectionId: requestContext.connectionId });
      await limits?.arrived(requestContext);
      checkFrameSize(text);
      event.parsed = parse(text);
      event.frame = decode(event.parsed);
      event.principal = gate(requestContext.authorizer, needs(event.frame));
      await limits?.decoded(requestContext, weigh(event.frame));
    },
    after: ({ event }) => {
      floods?.taken(event.requestContext.connectionId);
      metrics.addMetric('Frames', MetricUnit.Count, 1);
    },
    onError: async (request) => {
      const error = toClientError(request.error, instruments);
      const { requestContext } = request.event;
      if (error.code === 'rate-limited') await floods?.refused(requestContext);
      // Within its rate: what else is wrong with the frame, or with the stores, does not make it a part of a flood.
      else floods?.taken(requestContext.connectionId);
      request.response = resultOf(errorOf(error, request.event.parsed ?? parsedIn(request.event.body ?? '')));
    },
  } satisfies MiddlewareObj<FrameEvent<F>, WebSocketResult>;
}

/**
 * Returns the error that the client receives: a ClientError as it is, anything else as `unavailable`. Logs the cause,
 * and counts client errors (`RefusedFrames`, of them `RateLimited`) and server faults (`FailedFrames`) separately.
 */
function toClientError(error: unknown, { logger, metrics }: Instruments): ClientError {
  if (error instanceof ClientError && error.code !== 'unavailable') {
    metrics.addMetric('RefusedFrames', MetricUnit.Count, 1);
    if (error.code === 'rate-limited') metrics.addMetric('RateLimited', MetricUnit.Count, 1);
    logger.info('frame refused', { code: error.code });
    return error;
  }
  metrics.addMetric('FailedFrames', MetricUnit.Count, 1);
  if (error instanceof ClientError) {
    // `unavailable` thrown on purpose means contention: the client retries. Any other error needs an engineer.
    logger.warn('frame failed', { error });
    return error;
  }
  logger.error('frame failed', { error });
  return new ClientError('unavailable', ERROR_CODES.unavailable, { cause: error });
}

const resultOf = (body: string | undefined): WebSocketResult => ({
  statusCode: 200,
  ...(body === undefined ? {} : { body }),
});
