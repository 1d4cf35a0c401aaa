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

test('what one client publishes reaches another', async () => {
  const [ann, bob] = [openClient(), openClient()];
  const heard = Promise.withResolvers<unknown>();
  bob.subscribe('hello', { history: 1 }).on('message', ({ data }) => heard.resolve(data));

  await ann.publish('hello', 'Lock 4 is open');

  assert.equal(await heard.promise, 'Lock 4 is open');
});

test('everybody counts on the same counter', async () => {
  const [ann, bob] = [openClient(), openClient()];

  await ann.counter('votes').increment();

  assert.equal(await bob.counter('votes').increment(), 2);
});
