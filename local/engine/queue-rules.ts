import type { IncomingHttpHeaders } from 'node:http';
import type { BuildAppOptions, buildApp } from 'fauxqs';
import { servedRequestOf } from '../iam/signed-request.ts';
import type { CoveredRequest } from '../iam/verify-signature.ts';

type Application = ReturnType<typeof buildApp>;

type QueueStore = NonNullable<BuildAppOptions['stores']>['sqsStore'];

/** The account of which the package takes every queue to be, whatever its ARN is. */
const PACKAGE_ACCOUNT = '000000000000';

/** Returns the URL by which the service names a queue: it leads to this machine. */
export function localQueueUrl(endpoint: string, queueArn: string): string {
  const [account, name] = queueArn.split(':').slice(-2);
  return `${endpoint}/${account}/${name}`;
}

/** Lets a queue be found by its URL and by its name, whatever account the application is of. */
export function findQueuesOfAnyAccount(store: QueueStore): void {
  // The URL of a queue that a function creates is then that of its request, and not one of the host `localhost`.
  store.host = '';
  store.getQueue = (url) => store.getQueueByName(url.slice(url.lastIndexOf('/') + 1));
  const findByArn = store.getQueueByArn.bind(store);
  store.getQueueByArn = (arn) => {
    const [account, name = ''] = arn.split(':').slice(-2);
    return findByArn(arn) ?? (account === PACKAGE_ACCOUNT ? store.getQueueByName(name) : undefined);
  };
}

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
