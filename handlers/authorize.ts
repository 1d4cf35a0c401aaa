import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import { type AuthorizerResult, decideHandshake, denyHandshake } from '../shared/handshake/decide-handshake.ts';
import type { HandshakeEvent } from '../shared/handshake/handshake-event.ts';
import {
  HANDSHAKE_REFUSALS,
  type HandshakeRefusal,
  KeysUnavailableError,
  RevocationsUnavailableError,
} from '../shared/handshake/refusals.ts';
import { createLambda } from './lambda.ts';
import { openHandshakeRules } from './open-verifier.ts';

/** The message, word for word, that API Gateway answers with 401. Any other error is answered with 500. */
const UNAUTHORIZED = 'Unauthorized';

const { lambda, logger, metrics } = createLambda<HandshakeEvent, AuthorizerResult>('authorize');
const rules = openHandshakeRules();

/**
 * The middleware for faults: logs and counts them, and replaces the error. Lambda writes a thrown error with all its
 * fields into the log, and an error of a library may contain the token or its claims.
 */
const faults: MiddlewareObj<HandshakeEvent, AuthorizerResult> = {
  onError: (request) => {
    const { error } = request;
    if (error instanceof Error && error.message === UNAUTHORIZED) return;
    metrics.addMetric('FailedHandshakes', MetricUnit.Count, 1);
    logger.error('handshake failed', describe(error));
    request.error = new Error('The handshake could not be decided.');
  },
};

/**
 * Authorizes `$connect` by the Origin and the token of the handshake. Allows it with the principal as the context of
 * the connection, refuses it with 401 or 403, or fails with 500 if the keys or the revocations cannot be read. A
 * refusal is one log line of this handler, with a code. No token, no part of one and no claim but the subject is ever
 * logged.
 */
export const handler = lambda.use(faults).handler(async (event) => {
  const { connectionId } = event.requestContext;
  logger.appendKeys({ connectionId });
  const decision = await decideHandshake(event, rules);
  if ('refused' in decision) return refuse(event, decision.refused);
  metrics.addMetric('AllowedHandshakes', MetricUnit.Count, 1);
  logger.info('handshake allowed', { sub: decision.subject });
  return decision.result;
});

function refuse(event: HandshakeEvent, code: HandshakeRefusal): AuthorizerResult {
  metrics.addMetric('RefusedHandshakes', MetricUnit.Count, 1);
  logger.info('handshake refused', { code });
  if (HANDSHAKE_REFUSALS[code] === 403) return denyHandshake(event);
  throw new Error(UNAUTHORIZED);
}

/** Returns what the log says of a fault: the reason for keys that cannot be read, only the place of any other error. */
function describe(error: unknown): Readonly<Record<string, unknown>> {
  if (error instanceof KeysUnavailableError) return { code: 'keys-unavailable', reason: error.message };
  if (error instanceof RevocationsUnavailableError) return { code: 'revocations-unavailable', reason: error.message };
  const { name, stack = '' } = error instanceof Error ? error : new Error();
  return { code: 'fault', name, stack: stack.split('\n').filter((line) => /^\s+at /.test(line)) };
}
