import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect, type Realtime } from '@distributary/client';
import { type RunningApp, startApp } from './start-app.ts';

let app: RunningApp;
const clients: Realtime[] = [];

before(async () => {
  app = await startApp();
});

after(async () => {
  for (const client of clients) client.close();
  await app.stop();
});

function openClient(): Realtime {
  const client = connect(app.url);
  clients.push(client);
  return client;
}

test('votes of several at once are all counted', async () => {
  const voters = [openClient(), openClient(), openClient()];

  await Promise.all(voters.flatMap((voter) => [1, 2, 3].map(() => voter.counter('ramen').increment())));

  assert.equal(await openClient().counter('ramen').increment(), 10);
});

test('of two who take back the last vote at once, one can', async () => {
  const [ann, bob] = [openClient().counter('tacos'), openClient().counter('tacos')];
  await ann.increment();

  const taken = await Promise.allSettled([ann, bob].map((counter) => counter.decrement(1, { min: 0 })));

  assert.deepEqual(taken.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

test('those who vote see each other', async () => {
  const [ann, bob] = [openClient(), openClient()];
  const met = Promise.withResolvers<void>();
  ann.subscribe('lunch', { presence: true }).on('presence', ({ count }) => {
    if (count === 2) met.resolve();
  });

  bob.subscribe('lunch');

  await met.promise;
});
