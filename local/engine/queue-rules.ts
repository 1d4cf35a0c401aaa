import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
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

/** Bytes of the largest call, which is kept to verify its signature, 4 MiB: SQS itself takes 1 MiB of messages. */
const CALL_MAXIMUM_BYTES = 4_194_304;

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
  /** The request, whose signature is verified with its body: not every SDK names the hash of it. */
  readonly signed: CoveredRequest;
}

interface QueueRefusal {
  readonly errorType: string;
  readonly message: string;
}

/** Returns the refusal of a signed call; undefined for one that may pass. */
export type AuthorizeQueue = (call: QueueCall) => QueueRefusal | undefined | Promise<QueueRefusal | undefined>;

const FORBIDDEN = 403;
const TOO_LARGE = 413;

/**
 * Keeps the body of each call of SQS as it came, for as long as the call lasts: its signature covers these bytes, and
 * the package parses them. A body that is too large is refused.
 */
function keepBodies(app: Application): WeakMap<IncomingMessage, Buffer> {
  const bodies = new WeakMap<IncomingMessage, Buffer>();
  app.addHook('preParsing', async ({ raw, headers }, _reply, payload) => {
    if (!isQueueCall(headers)) return payload;
    if (Number(headers['content-length'] ?? 0) > CALL_MAXIMUM_BYTES) throw tooLarge();
    const body = await readWithin(raw);
    bodies.set(raw, body);
    return Readable.from([body], { objectMode: false });
  });
  return bodies;
}

/** Reads a body whose size nothing says before. The socket stays, so that a refusal can be sent. */
async function readWithin(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(Buffer.from(chunk));
    bytes += chunk.length;
    if (bytes > CALL_MAXIMUM_BYTES) throw tooLarge();
  }
  return Buffer.concat(chunks);
}

const tooLarge = (): Error =>
  Object.assign(new Error(`a call is over ${CALL_MAXIMUM_BYTES} bytes`), { statusCode: TOO_LARGE });

/** Refuses signed calls of SQS by callers that may not make them. The package checks no rights. */
export function refuseQueueCalls(app: Application, authorize: AuthorizeQueue): void {
  const bodies = keepBodies(app);
  app.addHook('preHandler', async ({ raw, headers, body }, reply) => {
    const { authorization, 'x-amz-target': target = '' } = headers;
    if (!isQueueCall(headers) || authorization === undefined) return;
    const operation = String(target).slice(TARGET.length);
    const refusal = await authorize({
      operation,
      input: body,
      authorization,
      signed: servedRequestOf(raw, bodies.get(raw)),
    });
    if (refusal === undefined) return;
    const { errorType, message } = refusal;
    await reply
      .status(FORBIDDEN)
      .header('content-type', 'application/x-amz-json-1.0')
      .send(JSON.stringify({ __type: `com.amazon.coral.service#${errorType}`, message }));
  });
}
