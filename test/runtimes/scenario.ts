/**
 * A short application on the client library. Runs by itself in each runtime: `scenario URL REFUSING`.
 * Prints CUT where the connection shall be cut, and DONE at its end. Must then end by itself: a timer or socket that
 * the library forgot would keep it.
 */
import { connect, type Realtime, type Status } from '../../client/src/index.ts';
import { PAUSE_SHARE } from './pace.ts';

const [url = '', refusing = ''] = process.argv.slice(2);

await talk(connect(url));
await retry(connect(refusing, { random: () => PAUSE_SHARE }));
refuseToken();
process.stdout.write('DONE\n');

async function talk(rt: Realtime): Promise<void> {
  const statuses: Status[] = [];
  rt.on('status', (status) => statuses.push(status));
  const news = rt.subscribe('news');
  const heard: unknown[] = [];
  const all = Promise.withResolvers<void>();
  news.on('message', ({ data }) => {
    heard.push(data);
    if (data === 'after') all.resolve();
  });
  const published = await rt.publish('news', 'before');
  const value = await rt.counter('votes').increment(2);
  process.stdout.write('CUT\n');
  await reached(rt, 'offline');
  const queued = rt.publish('news', 'after');
  await reached(rt, 'online');
  await queued;
  await all.promise;
  rt.close();
  check('seq of the first publish', published.seq, 1);
  check('value of the counter', value, 2);
  check('messages, each once and in order', heard.join(), 'before,missed,after');
  check('statuses', statuses.join(), 'online,offline,connecting,online,closed');
}

/** The server measures the pace of the attempts. */
async function retry(rt: Realtime): Promise<void> {
  await reached(rt, 'online');
  rt.close();
}

function refuseToken(): void {
  let message = 'nothing was thrown';
  try {
    connect(url, { token: 'a/b=', tokenIn: 'subprotocol' }).close();
  } catch (error) {
    message = String(error);
  }
  check('an invalid token', /subprotocol/.test(message), true);
}

function reached(rt: Realtime, wanted: Status): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (rt.status === wanted) resolve();
  rt.on('status', (status) => {
    if (status === wanted) resolve();
  });
  return promise;
}

function check(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${what}: ${String(actual)}, where ${String(expected)} was expected`);
}
