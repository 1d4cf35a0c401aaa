import { createTokenClients, EVERYTHING, runtimeAddress, tokenFor } from '../helpers/authenticated.ts';
import { unusedName } from '../helpers/contract-target.ts';
import type { Dialogue, Frame } from '../helpers/dialogue.ts';

const clients = createTokenClients();
afterAll(() => clients.cutAll());

/** Life in seconds of a token that ends while its connection is open. */
const SHORT = 3;

/** Pings until the answer is no pong, and resolves to that answer. */
async function refusedPing(client: Dialogue): Promise<Frame> {
  for (;;) {
    const answer = await client.ask({ action: 'ping' });
    if (answer['type'] !== 'pong') return answer;
  }
}

const messagesOf = ({ heard }: Dialogue): readonly Frame[] => heard.filter(({ type }) => type === 'message');

describe('the end of a token', () => {
  test('no frame is taken after it, nothing is delivered, and the socket is closed when something is due', async () => {
    const topic = unusedName('end');
    const token = await tokenFor({ ...EVERYTHING, sub: unusedName('short'), forSeconds: SHORT });
    const short = await clients.connect(token, [topic]);
    const long = await clients.connectAs(EVERYTHING, [topic]);
    await Promise.all([short, long].map((client) => client.hear({ type: 'subscribed', topic })));
    await long.ask({ action: 'publish', topic, data: 'before' });
    await short.hear({ type: 'message', topic, data: 'before' });

    const refused = [
      await refusedPing(short),
      await short.ask({ action: 'publish', topic, data: 'of the ended' }),
      await short.ask({ action: 'subscribe', topic: `${topic}-2` }),
      await short.ask({ action: 'unsubscribe', topic }),
      await short.ask({ action: 'plus', counter: topic }),
      await short.ask({ type: 'message', topic, message: 'of the ended' }),
    ];
    await long.ask({ action: 'publish', topic, data: 'after' });
    const last = await long.hear({ type: 'message', topic, data: 'after' });
    const { code } = await short.closed();

    for (const frame of refused) expect(frame).toMatchObject({ type: 'error', code: 'token-expired' });
    expect(last).toMatchObject({ seq: 2 });
    expect(messagesOf(short)).toMatchObject([{ data: 'before' }]);
    expect(short.heard.at(-1)).toMatchObject({ type: 'error', code: 'token-expired' });
    expect(code).toBeGreaterThanOrEqual(1_000);
    await expect(clients.connect(token)).rejects.toThrow(/40[13]/);
  });

  test('a request for history that is due after it brings nothing', async () => {
    const topic = unusedName('history');
    const long = await clients.connectAs(EVERYTHING);
    await long.ask({ action: 'publish', topic, data: 'secret' });
    const token = await tokenFor({ ...EVERYTHING, sub: unusedName('short'), forSeconds: SHORT });
    const short = await clients.connect(token);

    await refusedPing(short);
    const refused = await short.ask({ action: 'subscribe', topic, history: 5 });

    expect(refused).toMatchObject({ type: 'error', code: 'token-expired', action: 'subscribe' });
    expect(JSON.stringify(short.heard)).not.toContain('secret');
  });

  test('no part of a token is in a log', async () => {
    const token = await tokenFor({ ...EVERYTHING, sub: unusedName('logged') });
    const client = await clients.connect(token);
    await client.ask({ action: 'ping' });
    await expect(clients.connect(`${token}x`)).rejects.toThrow('401');

    const logs = await (await fetch(runtimeAddress('/logs'))).text();

    expect(logs).toContain('handshake refused');
    for (const part of token.split('.').slice(1)) expect(logs).not.toContain(part);
  });
});
