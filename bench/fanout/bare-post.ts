import { hash } from 'node:crypto';
import { Pool } from 'undici';
import { FANOUT_BOUNDS } from '../../shared/fanout/bounds.ts';
import { createCallbackSigner } from '../../shared/fanout/callback-signer.ts';

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local', sessionToken: 'local' } as const;

/** A frame, encoded and hashed once for all its recipients. */
export interface BareFrame {
  readonly body: Buffer;
  readonly sha256: string;
}

export function prepareFrame(text: string): BareFrame {
  const body = Buffer.from(text);
  return { body, sha256: hash('sha256', body) };
}

/** Posts by undici, signed by our signer; rejects for any answer but 200. No deadline, no second try. */
export function openBarePost(callbackUrl: string): (connectionId: string, frame: BareFrame) => Promise<void> {
  const pool = new Pool(new URL(callbackUrl).origin, { connections: FANOUT_BOUNDS.POST_CONCURRENCY, pipelining: 1 });
  const sign = createCallbackSigner(callbackUrl, 'us-east-1');
  return (connectionId, frame) =>
    new Promise((resolve, reject) => {
      let status = 0;
      pool.dispatch(
        { method: 'POST', ...sign(connectionId, frame, { credentials: CREDENTIALS, nowMs: Date.now() }) },
        {
          onConnect: () => undefined,
          onHeaders: (answered) => {
            status = answered;
            return true;
          },
          onData: () => true,
          onComplete: () => (status === 200 ? resolve() : reject(new Error(`answered ${status}`))),
          onError: reject,
        },
      );
    });
}
