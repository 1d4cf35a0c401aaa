import { authenticatedPort, createTokenClients, EVERYTHING, tokenFor } from '../helpers/authenticated.ts';
import { runCommand } from '../helpers/command.ts';
import { unusedName } from '../helpers/contract-target.ts';
import type { Dialogue, Frame } from '../helpers/dialogue.ts';

const clients = createTokenClients();
afterAll(() => clients.cutAll());

const ROOT = unusedName('wild');

/** Life in seconds of a token that ends while its connection is open. */
const SHORT = 8;

const run = (...args: readonly string[]) => runCommand(authenticatedPort(), ...args);
const messagesOf = ({ heard }: Dialogue): readonly Frame[] => heard.filter(({ type }) => type === 'message');

async function subscribe(client: Dialogue, topic: string): Promise<Frame> {
  const ack = await client.ask({ action: 'subscribe', topic });
  if (ack['type'] === 'ack') await client.hear({ type: 'subscribed', topic });
  return ack;
}

describe('a wildcard under a token', () => {
  test('is permitted if one pattern permits all topics under it', async () => {
    const client = await clients.connectAs({ sub: 'ann', subscribe: [`${ROOT}/a/*`, `${ROOT}/b`] });
    const asked = [`${ROOT}/a/*`, `${ROOT}/a/x/*`, `${ROOT}/*`, `${ROOT}/b/*`, `${ROOT}/a:*`, 'other/*'];

    const answers: Frame[] = [];
    for (const topic of asked) answers.push(await client.ask({ action: 'subscribe', topic }));

    const forbidden = { type: 'error', code: 'forbidden' };
    expect(answers).toMatchObject([{ type: 'ack' }, { type: 'ack' }, forbidden, forbidden, forbidden, forbidden]);
    expect(answers[2]).toMatchObject({ message: `The token does not permit subscribe on ${ROOT}/*.` });
  });

  test('of the URL is left out if it is not permitted, and the client is told', async () => {
    const topics = [`${ROOT}/mine/*`, `${ROOT}/theirs/*`];
    const client = await clients.connect(await tokenFor({ sub: 'ann', subscribe: [`${ROOT}/mine/*`] }), topics);

    const error = await client.hear({ type: 'error' });
    await client.hear({ type: 'subscribed', topic: `${ROOT}/mine/*` });
    const other = await clients.connectAs(EVERYTHING);
    await other.ask({ action: 'publish', topic: `${ROOT}/theirs/x`, data: 'secret' });
    await other.ask({ action: 'publish', topic: `${ROOT}/mine/x`, data: 'open' });
    await client.hear({ type: 'message' });

    expect(error).toMatchObject({ code: 'forbidden', topics: [`${ROOT}/theirs/*`] });
    expect(messagesOf(client)).toMatchObject([{ data: 'open', from: EVERYTHING.sub }]);
  });

  test('is refused after a revocation of a topic under it, and what was revoked is not delivered', async () => {
    const [ann, name] = [unusedName('ann'), `${ROOT}/${unusedName('news')}`];
    const token = await tokenFor({ ...EVERYTHING, sub: ann });
    const before = await clients.connect(token);
    await subscribe(before, `${name}/*`);

    await run('revoke', '--sub', ann, '--topic', `${name}/secret`, '--for', '1h');
    const told = await before.hear({ type: 'error' });
    await before.closed();
    const after = await clients.connect(token);
    const refused = [await subscribe(after, `${name}/*`), await subscribe(after, `${ROOT}/*`)];
    const taken = await subscribe(after, `${name}/open/*`);
    const other = await clients.connectAs(EVERYTHING);
    for (const topic of [`${name}/secret`, `${name}/open/a`])
      await other.ask({ action: 'publish', topic, data: topic });
    await after.hear({ type: 'message' });
    await run('lift', '--sub', ann, '--topic', `${name}/secret`);
    const lifted = await subscribe(await clients.connect(token), `${name}/*`);

    expect(told).toMatchObject({ code: 'revoked', topics: [`${name}/secret`] });
    for (const answer of refused) expect(answer).toMatchObject({ type: 'error', code: 'forbidden' });
    expect([taken, lifted]).toMatchObject([{ type: 'ack' }, { type: 'ack' }]);
    expect(messagesOf(before)).toEqual([]);
    expect(messagesOf(after)).toMatchObject([{ topic: `${name}/open/a` }]);
  });

  test('brings nothing after the end of the token, and the socket is closed when something is due', async () => {
    const name = `${ROOT}/${unusedName('end')}`;
    const short = await clients.connectAs({ ...EVERYTHING, sub: unusedName('short'), forSeconds: SHORT });
    const long = await clients.connectAs(EVERYTHING);
    await Promise.all([short, long].map((client) => subscribe(client, `${name}/*`)));
    await long.ask({ action: 'publish', topic: `${name}/a`, data: 'before' });
    await short.hear({ type: 'message', data: 'before' });

    let code: unknown;
    while (code !== 'token-expired') code = (await short.ask({ action: 'ping' }))['code'];
    await long.ask({ action: 'publish', topic: `${name}/a`, data: 'after' });
    await long.hear({ type: 'message', data: 'after' });
    await short.closed();

    expect(messagesOf(short)).toMatchObject([{ data: 'before' }]);
    expect(short.heard.at(-1)).toMatchObject({ code: 'token-expired' });
  });
});
