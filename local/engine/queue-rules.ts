import type { IncomingHttpHeaders } from 'node:http';
import type { buildApp } from 'fauxqs';
import { servedRequestOf } from '../iam/signed-request.ts';
import type { CoveredRequest } from '../iam/verify-signature.ts';

type Application = ReturnType<typeof buildApp>;

const TARGET = 'AmazonSQS.';

/** Returns whether a request is one of SQS, which shares its port with S3. */
export const isQueueCall = (headers: IncomingHttpHeaders): boolean =>
  String(headers['x-amz-target'] ?? '').startsWith(TARGET);

/** A call of SQS, as its permission depends on it. */
interface QueueCall {
  /** The operation, such as `SendMessage`. */
  readonly operation: string;
  /** The body, as JSON. */
  readonly input: unknown;
  readonly authorization: string;
  /** The request, whose signature is verified. The hash of the body is the one that it names. */
  readonly signed: CoveredRequest;
}

interface QueueRefusal {
  readonly errorType: string;
  readonly message: string;
}

/** Returns the refusal of a signed call; undefined for one that may pass. */
export type AuthorizeQueue = (call: QueueCall) => QueueRefusal | undefined | Promise<QueueRefusal | undefined>;

const FORBIDDEN = 403;

/** Refuses signed calls of SQS by callers that may not make them. The package checks no rights. */
export function refuseQueueCalls(app: Application, authorize: AuthorizeQueue): void {
  app.addHook('preHandler', async ({ raw, headers, body }, reply) => {
    const { authorization, 'x-amz-target': target = '' } = headers;
    if (!isQueueCall(headers) || authorization === undefined) return;
    const operation = String(target).slice(TARGET.length);
    const refusal = await authorize({ operation, input: body, authorization, signed: servedRequestOf(raw) });
    if (refusal === undefined) return;
    const { errorType, message } = refusal;
    await reply
      .status(FORBIDDEN)
      .header('content-type', 'application/x-amz-json-1.0')
      .send(JSON.stringify({ __type: `com.amazon.coral.service#${errorType}`, message }));
  });
}
