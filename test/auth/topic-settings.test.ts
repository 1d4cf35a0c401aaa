import { connect } from '../../client/src/index.ts';
import {
  authenticatedPort,
  authenticatedUrl,
  createTokenClients,
  EVERYTHING,
  tokenFor,
} from '../helpers/authenticated.ts';
import { runCommand } from '../helpers/command.ts';
import { unusedName } from '../helpers/contract-target.ts';
import type { Dialogue, Frame } from '../helpers/dialogue.ts';
import { eventually } from '../helpers/eventually.ts';

const clients = createTokenClients();
const libraryClients: { close: () => void }[] = [];
afterAll(() => {
  clients.cutAll();
  for (const client of libraryClients) client.close();
});

const anybody = (topics: readonly string[] = []): Promise<Dialogue> =>
  clients.connectAs({ ...EVERYTHING, sub: 'ann' }, [...topics]);

async function publish(client: Dialogue, topic: string, values: readonly unknown[]): Promise<Frame> {
  let last: Frame = {};
  for (const data of values) last = await client.ask({ action: 'publish', topic, data });
  return last;
}

const dataOf = (frame: Frame) => (frame['messages'] as Frame[]).map(({ data }) => data);

/** Reads a topic by HTTP. */
async function read(topic: string, query = ''): Promise<Response> {
  const url = new URL(`/v1/stream/${topic}${query}`, authenticatedUrl().replace('ws:', 'http:'));
  return fetch(url, { headers: { Authorization: `Bearer ${await tokenFor({ ...EVERYTHING, sub: 'reader' })}` } });
}

const offsetOf = (epoch: unknown, seq: number): string => `?offset=${String(epoch)}_${String(seq).padStart(16, '0')}`;

describe('a topic that keeps its last value only', () => {
  test('a subscriber gets the newest message, wherever it was before, and the next ones live', async () => {
    const topic = `governed/state/${unusedName('price')}`;
    const [publisher, client] = [await anybody(), await anybody()];
    const { epoch } = await publish(publisher, topic, [1, 2, 3]);

    client.say({ action: 'subscribe', topic });
    const first = await client.hear({ type: 'subscribed', topic });
    client.say({ action: 'subscribe', topic, position: { epoch, seq: 1 } });
    const behind = await client.hear({ type: 'subscribed', topic });
    client.say({ action: 'subscribe', topic, position: { epoch, seq: 3 } });
    const there = await client.hear({ type: 'subscribed', topic });
    await publish(publisher, topic, [4]);
    const live = await client.hear({ type: 'message', topic, seq: 4 });
    const older = await client.ask({ action: 'subscribe', topic, before: { epoch, seq: 3 }, history: 5 });

    expect([first, behind, there].map(dataOf)).toEqual([[3], [3], []]);
    for (const frame of [first, behind, there]) {
      expect(frame).toMatchObject({ epoch, seq: 3, recovered: true, lastValueOnly: true });
    }
    expect(live).toMatchObject({ data: 4 });
    expect(older).toMatchObject({ type: 'history', messages: [], lost: true });
  });

  test.each(['itself', 'a wildcard'])('a client of the library that was away misses nothing, by %s', async (by) => {
    const topic = `governed/state/${unusedName('price')}`;
    const publisher = await anybody();
    const rt = connect(authenticatedUrl(), { token: () => tokenFor({ ...EVERYTHING, sub: 'bob' }) });
    libraryClients.push(rt);
    const [seen, gaps]: [unknown[], unknown[]] = [[], []];
    const subscription = rt.subscribe(by === 'itself' ? topic : 'governed/state/*');
    subscription.on('message', (message) => {
      if (message.topic === topic) seen.push(message.data);
    });
    subscription.on('gap', (gap) => gaps.push(gap));
    await eventually(() => subscription.state === 'live');
    await publish(publisher, topic, [1]);
    await eventually(() => expect(seen).toEqual([1]));

    rt.disconnect();
    await publish(publisher, topic, [2, 3, 4]);
    rt.connect();

    await eventually(() => expect(seen).toEqual([1, 4]));
    await publish(publisher, topic, [5]);
    await eventually(() => expect(seen).toEqual([1, 4, 5]));
    expect(gaps).toEqual([]);
  });

  test('a reader by HTTP gets the newest message, from the start as from any offset', async () => {
    const topic = `governed/state/${unusedName('price')}`;
    const { epoch } = await publish(await anybody(), topic, [1, 2, 3]);

    const responses = [await read(topic), await read(topic, offsetOf(epoch, 1)), await read(topic, offsetOf(epoch, 3))];

    expect(await Promise.all(responses.map((each) => each.json()))).toEqual([[3], [3], []]);
    expect(responses[1]?.headers.get('stream-up-to-date')).toBe('true');
  });

  test('no hole in it is a problem to doctor, and trace says why the archive has none of it', async () => {
    const topic = `governed/state/${unusedName('price')}`;
    await publish(await anybody(), topic, [1, 2]);

    const doctor = await runCommand(authenticatedPort(), 'doctor', '--topic', topic);
    const trace = await runCommand(authenticatedPort(), 'trace', topic, '1');

    expect(doctor.stdout).toContain(`archive of ${topic}: the topic keeps its last value only`);
    expect(trace.stdout).toContain('The topic keeps its last value only');
  });
});

describe('a topic with a bound of its history', () => {
  test('shows its newest messages, and says when a client missed more', async () => {
    const topic = `governed/short/${unusedName('talk')}`;
    const [publisher, client] = [await anybody(), await anybody()];
    const { epoch } = await publish(publisher, topic, [1, 2, 3, 4]);

    client.say({ action: 'subscribe', topic, history: 50 });
    const newest = await client.hear({ type: 'subscribed', topic });
    client.say({ action: 'subscribe', topic, position: { epoch, seq: 1 } });
    const missed = await client.hear({ type: 'subscribed', topic });
    const older = await client.ask({ action: 'subscribe', topic, before: { epoch, seq: 4 }, history: 50 });

    expect(dataOf(newest)).toEqual([3, 4]);
    expect(missed).toMatchObject({ recovered: false, messages: [] });
    expect([dataOf(older), older['lost']]).toEqual([[3], true]);
  });

  test('shows a reader by HTTP the same ones, and nothing behind an older offset', async () => {
    const topic = `governed/short/${unusedName('talk')}`;
    const { epoch } = await publish(await anybody(), topic, [1, 2, 3, 4]);

    const [start, near, far] = [
      await read(topic),
      await read(topic, offsetOf(epoch, 2)),
      await read(topic, offsetOf(epoch, 1)),
    ];

    expect([await start.json(), await near.json()]).toEqual([
      [3, 4],
      [3, 4],
    ]);
    expect(far.status).toBe(410);
  });
});

describe('a topic that only a server creates', () => {
  test('takes no publish of a client until a back end has published, and no PUT by HTTP', async () => {
    const topic = `governed/owned/${unusedName('room')}`;
    const client = await anybody();
    const put = async () =>
      fetch(new URL(`/v1/stream/${topic}`, authenticatedUrl().replace('ws:', 'http:')), {
        method: 'PUT',
        headers: { Authorization: `Bearer ${await tokenFor({ ...EVERYTHING, sub: 'reader' })}` },
      });

    const before = await publish(client, topic, [1]);
    const created = await put();
    const byServer = await runCommand(authenticatedPort(), 'publish', topic, '2');
    const after = await publish(client, topic, [3]);

    expect(before).toMatchObject({ type: 'error', code: 'bad-topic', details: [{ path: 'topic' }] });
    expect([created.status, byServer.code]).toEqual([403, 0]);
    expect(after).toMatchObject({ type: 'ack', seq: 2 });
  });
});
