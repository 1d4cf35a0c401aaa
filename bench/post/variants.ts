import {
  ApiGatewayManagementApiClient,
  type ApiGatewayManagementApiClientConfig,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { Pool } from 'undici';
import { lambdaCredentials, lambdaRegion } from '../../shared/config.ts';
import { createFastPost } from '../../shared/post/fast-post.ts';
import { type Post, POST_CONCURRENCY, type PostDeps } from '../../shared/post/post.ts';
import { createSdkPost } from '../../shared/post/sdk-post.ts';
import { plainExchange } from './plain-exchange.ts';
import { createUndiciPost } from './undici-post.ts';

/** The endpoint and the recipient of a variant's posts. */
export interface PostTarget {
  /** `http://…/{stage}`, or `https://…`. */
  readonly callbackUrl: string;
  readonly connectionId: string;
}

/** Makes one post; rejects when it was not delivered. */
export type OnePost = (body: string) => Promise<void>;

/** A way to post. */
export type PostMethod = 'floor' | 'ours' | 'undici' | 'sdk' | 'sdk-tuned' | 'sdk-default';

/** The ways to post that are compared. Credentials and region are those of the environment, as on Lambda. */
export const POST_METHODS: Readonly<Record<PostMethod, (target: PostTarget) => OnePost>> = {
  floor: postUnsigned,
  ours: (target) => postAsBroadcastDoes(target, createFastPost),
  undici: (target) => postAsBroadcastDoes(target, createUndiciPost),
  sdk: (target) => postAsBroadcastDoes(target, createSdkPost),
  'sdk-tuned': (target) => postBySdk(target, { maxAttempts: 1, requestHandler: TUNED_HANDLER }),
  'sdk-default': (target) => postBySdk(target, {}),
};

/** Posts by undici's dispatcher, with neither signature nor deadline: what a post costs whoever makes it. */
function postUnsigned({ callbackUrl, connectionId }: PostTarget): OnePost {
  const { origin, pathname } = new URL(callbackUrl);
  const pool = new Pool(origin, { connections: POST_CONCURRENCY });
  const path = `${pathname}/@connections/${encodeURIComponent(connectionId)}`;
  return (body) => plainExchange(pool, { method: 'POST', path, body });
}

/** A deadline that no post reaches on a busy machine. Its timers cost what those of a broadcast cost. */
const DEADLINE = { timeoutMs: 30_000, onLate: () => undefined } as const;

/** Posts by a poster, with a deadline and lateness as a broadcast does. */
function postAsBroadcastDoes({ callbackUrl, connectionId }: PostTarget, createPost: (deps: PostDeps) => Post): OnePost {
  const post = createPost({
    callbackUrl,
    region: lambdaRegion(),
    credentials: () => lambdaCredentials(),
    now: Date.now,
    onFailure: (_, error) => {
      throw error;
    },
  });
  return async (body) => {
    const outcome = await post(connectionId, body, DEADLINE);
    if (outcome !== 'delivered') throw new Error(outcome);
  };
}

const AGENT = { keepAlive: true, maxSockets: POST_CONCURRENCY } as const;

/** The official client's options, as far as they go. */
const TUNED_HANDLER = { httpAgent: AGENT, httpsAgent: AGENT } as const;

function postBySdk({ callbackUrl, connectionId }: PostTarget, config: ApiGatewayManagementApiClientConfig): OnePost {
  const client = new ApiGatewayManagementApiClient({ endpoint: callbackUrl, ...config });
  return async (Data) => {
    await client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data }));
  };
}
