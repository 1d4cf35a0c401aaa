import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ServerResponse } from 'node:http';
import { types } from 'node:util';
import { STORE_BOUNDS } from '../../shared/store/bounds.ts';
import { createClient, createUnretriedClient } from '../../shared/store/client.ts';
import { type HttpServer, startHttpServer } from './http-server.ts';

/**
 * Makes Node's own errors instances of this realm's `Error`, as they are outside of jest: the official client wraps any
 * other error, whose facts are lost.
 */
Object.defineProperty(Error, Symbol.hasInstance, {
  value(this: unknown, error: unknown): boolean {
    return this === Error ? types.isNativeError(error) : Function.prototype[Symbol.hasInstance].call(this, error);
  },
});

/** Sends one call by a client. */
export type Send = (client: DynamoDBClient) => Promise<object>;

/** Answers one request; the number counts the requests of the same way. */
export type Answer = (response: ServerResponse, number: number) => unknown;

/** An answer in JSON, as DynamoDB gives it. */
export const json =
  (body: object, status = 200, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) =>
    response
      .writeHead(status, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': 'R1', ...headers })
      .end(JSON.stringify(body));

/** A refusal of DynamoDB. */
export const fault = (name: string, more: object = {}): Answer =>
  json({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'why', ...more }, 400);

const OPTIONS = { requestHandler: { requestTimeout: STORE_BOUNDS.REQUEST_TIMEOUT_MS, throwOnRequestTimeout: true } };

/** The two ways to an endpoint, with one attempt or three. */
const WAYS = {
  official: (maxAttempts: number) => new DynamoDBClient({ ...OPTIONS, maxAttempts }),
  lean: (maxAttempts: number) => (maxAttempts === 1 ? createUnretriedClient() : createClient()),
} as const;

type Way = keyof typeof WAYS;

/** All that came of one call. */
interface Outcome {
  readonly output?: object;
  readonly error?: object;
  readonly requests: HttpServer['requests'];
}

/** The two ways to endpoints that a test makes. */
export interface CallStage {
  /** Starts an endpoint that answers each way's requests as the test says, and names it in the environment. */
  readonly openEndpoint: (answer: Answer) => Promise<HttpServer>;
  /** Makes a call by one way. */
  readonly outcomeOf: (way: Way, server: HttpServer, call: readonly [Send, number]) => Promise<Outcome>;
  /** Makes a call by both ways at the same time, with three attempts or as many as it says. */
  readonly bothOutcomes: (send: Send, answer: Answer, maxAttempts?: number) => Promise<Readonly<Record<Way, Outcome>>>;
  readonly close: () => Promise<void>;
}

/** Creates a stage. While it is open, the environment is that of a Lambda. */
export function createCallStage(): CallStage {
  const environment = { ...process.env };
  const closing: (() => unknown)[] = [];
  const openEndpoint: CallStage['openEndpoint'] = async (answer) => {
    const server = await startCounting(answer);
    closing.push(server.close);
    process.env['AWS_ENDPOINT_URL_DYNAMODB'] = server.url;
    Object.assign(process.env, {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AK',
      AWS_SECRET_ACCESS_KEY: 'secret',
    });
    return server;
  };
  const outcomeOf: CallStage['outcomeOf'] = async (way, { requests }, [send, maxAttempts]) => {
    const client = WAYS[way](maxAttempts);
    closing.push(() => client.destroy());
    const result = await send(client).then(
      (output) => ({ output: withoutDelay(output) }),
      (error: unknown) => ({ error: factsOf(error) }),
    );
    return { ...result, requests: requests.filter((request) => wayOf(request) === way) };
  };
  return {
    openEndpoint,
    outcomeOf,
    bothOutcomes: async (send, answer, maxAttempts = 3) => {
      const server = await openEndpoint(answer);
      const call = [send, maxAttempts] as const;
      const [official, lean] = await Promise.all([
        outcomeOf('official', server, call),
        outcomeOf('lean', server, call),
      ]);
      return { official, lean };
    },
    close: async () => {
      process.env = { ...environment };
      for (const close of closing.splice(0)) await close();
    },
  };
}

async function startCounting(answer: Answer): Promise<HttpServer> {
  const numbers = new Map<Way, number>();
  return startHttpServer((request, response) => {
    const number = (numbers.get(wayOf(request)) ?? 0) + 1;
    numbers.set(wayOf(request), number);
    answer(response, number);
  });
}

const wayOf = ({ headers }: HttpServer['requests'][number]): Way =>
  headers['user-agent'] === 'distributary' ? 'lean' : 'official';

interface Metadata {
  readonly $metadata?: object;
}

const withoutDelay = (output: Metadata): object => ({
  ...output,
  $metadata: { ...output.$metadata, totalRetryDelay: 'some' },
});

/** The facts of an error, its class included, without what differs from time to time. */
function factsOf(error: unknown): object {
  if (!(error instanceof Error)) throw error;
  const { $metadata, ...fields } = error as Error & Metadata;
  return {
    ...fields,
    name: error.name,
    message: error.message,
    class: error.constructor,
    metadata: { ...$metadata, totalRetryDelay: 'some' },
  };
}
