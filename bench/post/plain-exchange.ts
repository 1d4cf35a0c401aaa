import type { Dispatcher } from 'undici';

/**
 * Sends one request and hands the body of its answer over as it comes; rejects for any status but 200. No deadline, no
 * second try. By default the body is read away.
 */
export const plainExchange = (
  pool: Dispatcher,
  request: Dispatcher.DispatchOptions,
  take: (chunk: Buffer) => void = () => undefined,
): Promise<void> =>
  new Promise((resolve, reject) => {
    let status = 0;
    pool.dispatch(request, {
      onConnect: () => undefined,
      onHeaders: (answered) => {
        status = answered;
        return true;
      },
      onData: (chunk) => {
        take(chunk);
        return true;
      },
      onComplete: () => (status === 200 ? resolve() : reject(new Error(`answered ${status}`))),
      onError: reject,
    });
  });
