import { Pool } from 'undici';
import type { PreparedFrame } from '../../shared/post/prepared-frames.ts';
import { createPostSigner } from '../../shared/post/sigv4.ts';
import { plainExchange } from '../post/plain-exchange.ts';
import { POST_CONCURRENCY } from '../../shared/post/post.ts';

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local', sessionToken: 'local' } as const;

/** Posts by undici, signed by our signer; rejects for any answer but 200. */
export function openBarePost(callbackUrl: string): (connectionId: string, frame: PreparedFrame) => Promise<void> {
  const pool = new Pool(new URL(callbackUrl).origin, { connections: POST_CONCURRENCY, pipelining: 1 });
  const sign = createPostSigner(callbackUrl, 'us-east-1');
  return (connectionId, frame) => {
    const signed = sign(connectionId, frame, { credentials: CREDENTIALS, nowMs: Date.now() });
    return plainExchange(pool, { method: 'POST', ...signed });
  };
}
