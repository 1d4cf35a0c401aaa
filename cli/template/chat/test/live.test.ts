import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect, type Member, type Message, type Realtime } from '@distributary/client';
import type { Topics } from '../page/hooks.ts';
import { fetchToken } from '../page/token.ts';
import { type RunningApp, startApp } from './start-app.ts';

let app: RunningApp;
const clients: Realtime<Topics>[] = [];

before(async () => {
  app = await startApp('--auth');
});

after(async () => {
  for (const client of clients) client.close();
  await app.stop();
});

/** Connects as somebody, with the token that the page would get. */
function connectAs(name: string): Realtime<Topics> {
  const issuer = new URL('/_runtime/tokens', app.url.replace('ws:', 'http:'));
  const client = connect<Topics>(app.url, { token: () => fetchToken(name, issuer) });
  clients.push(client);
  return client;
}

test('what ann says reaches bob, and the server says that it is from her', async () => {
  const [ann, bob] = [connectAs('ann'), connectAs('bob')];
  const heard = Promise.withResolvers<Message<string>>();
  bob.subscribe('room/lobby', { history: 1 }).on('message', heard.resolve);

  await ann.publish('room/lobby', 'Lock 4 is open');

  const { from, data } = await heard.promise;
  assert.deepEqual([from, data], ['ann', 'Lock 4 is open']);
});

test('the news are written by the editor alone', async () => {
  const [ann, editor] = [connectAs('ann'), connectAs('editor')];

  await assert.rejects(ann.publish('room/news', 'Free lunch'), { code: 'forbidden' });
  assert.equal((await editor.publish('room/news', 'Lunch at noon')).seq, 1);
});

test('bob sees that ann is here, and that she types', async () => {
  const [ann, bob] = [connectAs('ann'), connectAs('bob')];
  const seen = Promise.withResolvers<Member>();
  const look = (member: Member): void => {
    if (member.state === 'typing') seen.resolve(member);
  };
  const room = bob.subscribe('room/random', { presence: true });
  room.on('join', look);
  room.on('update', look);
  ann.subscribe('room/random');

  ann.presence('room/random').set('typing');

  assert.deepEqual(await seen.promise, { id: 'ann', profile: { name: 'ann' }, state: 'typing' });
});
