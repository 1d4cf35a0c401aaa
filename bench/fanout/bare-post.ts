import { hash } from 'node:crypto';
import { Pool } from 'undici';
import { FANOUT_BOUNDS } from '../../shared/fanout/bounds.ts';
import { createCallbackSigner } from '../../shared/fanout/callback-signer.ts';

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local', sessionToken: 'local' } as const;

/** Posts frames with undici and our signer; an answer other than 200 is an error. No deadline, no second try. */
export function openBarePost(callbackUrl: string): (connectionIds: readonly string[], frame: string) => Promise<void> {
  const pool = new Pool(new URL(callbackUrl).origin, { connections: FANOUT_BOUNDS.POST_CONCURRENCY, pipelining: 1 });
  const sign = createCallbackSigner(callbackUrl, 'us-east-1');
  return (connectionIds, text) =>
    new Promise((resolve, reject) => {
      const body = Buffer.from(text);
      const frame = { body, sha256: hash('sha256', body) };
      let open = connectionIds.length;
      if (open === 0) resolve();
      const done = (): void => {
        open--;
        if (open === 0) resolve();
      };
      for (const connectionId of connectionIds) {
        const post = sign(connectionId, frame, { credentials: CREDENTIALS, nowMs: Date.now() });
        let status = 0;
        pool.dispatch(
          { method: 'POST', ...post },
          {
            onConnect: () => undefined,
            onHeaders: (answered) => {
              status = answered;
              return true;
            },
            onData: () => true,
            onComplete: () => (status === 200 ? done() : reject(new Error(`${status}`))),
            onError: reject,
          },
        );
      }
    });
}
