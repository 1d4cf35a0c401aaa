import { Pool } from 'undici';
import { FANOUT_BOUNDS } from '../../shared/fanout/bounds.ts';
import type { PreparedFrame } from '../../shared/post/prepared-frames.ts';
import { createCallbackSigner } from '../../shared/post/sigv4.ts';
import { plainExchange } from '../post/plain-exchange.ts';

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local', sessionToken: 'local' } as const;

/** Returns a function that posts with undici, signed by our signer. Rejects for any status other than 200. */
export function openBarePost(callbackUrl: string): (connectionId: string, frame: PreparedFrame) => Promise<void> {
  const pool = new Pool(new URL(callbackUrl).origin, { connections: FANOUT_BOUNDS.POST_CONCURRENCY, pipelining: 1 });
  const sign = createCallbackSigner(callbackUrl, 'us-east-1');
  return (connectionId, frame) => {
    const signed = sign(connectionId, frame, { credentials: CREDENTIALS, nowMs: Date.now() });
    return plainExchange(pool, { method: 'POST', ...signed });
  };
}
