import { type ContractTarget, contractTarget, unusedName } from '../helpers/contract-target.ts';
import type { Dialogue } from '../helpers/dialogue.ts';

const CLIENTS = 1_000;
const CUT_OFF = 300;
/** The number of handshakes in flight at once. */
const CONNECTING = 50;

describe('1,000 clients on one topic', () => {
  let target: ContractTarget;
  beforeAll(async () => {
    target = await contractTarget();
  });
  afterAll(() => target.stop());

  async function connectAll(topic: string): Promise<Dialogue[]> {
    const clients: Dialogue[] = [];
    while (clients.length < CLIENTS) {
      clients.push(...(await Promise.all(Array.from({ length: CONNECTING }, () => target.client([topic])))));
    }
    await Promise.all(clients.map((client) => client.hear({ type: 'subscribed', topic })));
    return clients;
  }

  const seqsOf = (client: Dialogue): unknown[] =>
    client.heard.filter(({ type }) => type === 'message').map(({ seq }) => seq);

  test('each publish reaches all of them; 300 that are cut off take nothing from the others', async () => {
    const topic = unusedName('thousand');
    const publisher = await target.client();
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
