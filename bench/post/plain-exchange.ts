import type { Dispatcher } from 'undici';

/** Sends one request and reads its answer away; rejects for any status but 200. No deadline, no second try. */
export const plainExchange = (pool: Dispatcher, request: Dispatcher.DispatchOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    let status = 0;
    pool.dispatch(request, {
      onConnect: () => undefined,
      onHeaders: (answered) => {
        status = answered;
        return true;
      },
      onData: () => true,
      onComplete: () => (status === 200 ? resolve() : reject(new Error(`answered ${status}`))),
      onError: reject,
    });
  });
