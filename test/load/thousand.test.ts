import { type Dialogue, openDialogue } from '../helpers/dialogue.ts';
import { type RunningRuntime, startRuntime } from '../helpers/runtime.ts';

const CLIENTS = 1_000;
const CUT_OFF = 300;
/** The number of handshakes in flight at once. */
const CONNECTING = 50;

describe('1,000 clients on one topic', () => {
  const opened: Dialogue[] = [];
  let runtime: RunningRuntime;
  beforeAll(async () => {
    runtime = await startRuntime();
  });
  afterAll(async () => {
    for (const client of opened) client.cut();
    await runtime.stop();
  });

  async function connect(topics: string): Promise<Dialogue> {
    const client = await openDialogue(`${runtime.url}?topics=${topics}`);
    opened.push(client);
    return client;
  }

  async function connectAll(topic: string): Promise<Dialogue[]> {
    const clients: Dialogue[] = [];
    while (clients.length < CLIENTS) {
      clients.push(...(await Promise.all(Array.from({ length: CONNECTING }, () => connect(topic)))));
    }
    await Promise.all(clients.map((client) => client.hear({ type: 'subscribed', topic })));
    return clients;
  }

  const seqsOf = (client: Dialogue): unknown[] =>
    client.heard.filter(({ type }) => type === 'message').map(({ seq }) => seq);

  test('each publish reaches all of them; 300 that are cut off take nothing from the others', async () => {
    const topic = 'thousand';
    const publisher = await connect('');
    const clients = await connectAll(topic);

    await publisher.ask({ action: 'publish', topic, data: 'to all' });
    await Promise.all(clients.map((client) => client.hear({ type: 'message', seq: 1 })));
    const [lost, left] = [clients.slice(0, CUT_OFF), clients.slice(CUT_OFF)];
    for (const client of lost) client.cut();
    for (let seq = 2; seq <= 6; seq++) await publisher.ask({ action: 'publish', topic, data: seq });
    await Promise.all(left.map((client) => client.hear({ type: 'message', seq: 6 })));

    for (const client of left) expect(seqsOf(client)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(left).toHaveLength(CLIENTS - CUT_OFF);
  });
});
