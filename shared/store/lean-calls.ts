import type {
  DynamoDBClient,
  DynamoDBClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-dynamodb';
import { JSON_OPERATIONS, inputJson, outputOf, responseOf } from './call-json.ts';
import { createCallTransport } from './call-transport.ts';

type Stack = DynamoDBClient['middlewareStack'];
type Context = Parameters<Stack['resolve']>[1];
/** The arguments of a middleware's first step. */
interface Arguments {
  readonly input: ServiceInputTypes;
}

/** The place of a call's options in its context. */
const OPTIONS = '__smithy_context';
/** The end of the name of a command's class: `UpdateItemCommand` is the operation `UpdateItem`. */
const COMMAND = /Command$/;

/**
 * Makes an official client send its calls by a short way: a middleware at the end of its first step writes the JSON,
 * signs it and sends it (docs/adr/0032-a-short-way-through-the-official-client.md). Retries, errors, credentials, the
 * endpoint and the correction of the clock stay the client's own. What the short way cannot take goes the client's own
 * way: another operation, a value of bytes, a call with a signal. A Lambda makes no such call, and its bundle leaves
 * that way out, so one would throw there.
 */
export function withLeanCalls(client: DynamoDBClient): DynamoDBClient {
  // Made at the first call: at a cold start there are clients that may never make one.
  let callsOf: ReturnType<typeof createCalls> | undefined;
  // The SDK's logging step takes a copy of each input and output, for a logger that nobody sets.
  client.middlewareStack.remove('loggerMiddleware');
  client.middlewareStack.add(
    (next, context) => {
      const operation = String(context['commandName']).replace(COMMAND, '');
      if (!JSON_OPERATIONS.has(operation) || context[OPTIONS]?.abortSignal !== undefined) return next;
      callsOf ??= createCalls(client);
      const call = callsOf(operation, context);
      return async (args) => {
        const body = inputJson(operation, args.input);
        return body === undefined ? next(args) : call(args, body);
      };
    },
    { step: 'initialize', priority: 'low', name: 'leanCalls' },
  );
  return client;
}

/** Returns a function that makes one operation's calls, by the client's own retries and its own reader of errors. */
function createCalls({ config, middlewareStack }: DynamoDBClient) {
  const retries = partOf(middlewareStack, 'retryMiddleware');
  const reader = partOf(middlewareStack, 'deserializerMiddleware');
  const transport = createCallTransport(config);
  return (operation: string, context: Context) => {
    const read = reader.resolve<ServiceInputTypes, ServiceOutputTypes>(
      async ({ request }) => ({ response: request }),
      context,
    );
    const call = retries.resolve<ServiceInputTypes, ServiceOutputTypes>(async ({ input, request }) => {
      const learnClock = clockLearner(config);
      const http = await transport({ operation, body: bodyIn(request) });
      const output = outputOf(http);
      if (output !== undefined) return { response: undefined, output };
      const answered = { input, request: responseOf(http) };
      return read(answered).catch(learnClock);
    }, context);
    return (args: Arguments, body: string) => {
      const encoded = { ...args, request: { body } };
      return call(encoded);
    };
  };
}

/** Returns the body that went into the retries, which hand it on unread. */
const bodyIn = (request: unknown): string =>
  typeof request === 'object' && request !== null && 'body' in request ? String(request.body) : '';

/** Returns the client's stack with one of its parts alone. */
function partOf(whole: Stack, name: string): Stack {
  const part = whole.clone();
  // Each command adds this one, and parts of the client's stack are placed beside it.
  part.add((next) => next, { name: 'endpointV2Middleware', step: 'serialize' });
  const names = part.identify().map((line) => line.split(' ', 1).join());
  if (!names.includes(name)) throw new Error(`The client has no ${name}.`);
  for (const other of names) if (other !== name) part.remove(other);
  return part;
}

/**
 * Returns the client's own reaction to a failed call that begins now: it corrects its clock by the answer, marks an
 * error that a wrong clock caused as worth a retry, and throws it.
 */
function clockLearner(config: DynamoDBClientResolvedConfig): (error: Error) => never {
  const [scheme] = config.httpAuthSchemes;
  const properties = {
    config,
    _requestSentAt: Date.now(),
    _preRequestSystemClockOffset: config.systemClockOffset,
  };
  return (error) => {
    scheme?.signer.errorHandler?.(properties)(error);
    throw error;
  };
}
