import {
  authenticatedPort,
  createTokenClients,
  EVERYTHING,
  type TokenClaims,
  tokenFor,
} from '../helpers/authenticated.ts';
import { runCommand } from '../helpers/command.ts';
import { unusedName } from '../helpers/contract-target.ts';

const clients = createTokenClients();
afterAll(() => clients.cutAll());

const run = (...args: readonly string[]) => runCommand(authenticatedPort(), ...args);
const claimsOf = (sub: string): TokenClaims => ({ ...EVERYTHING, sub });

describe('a revoked subject', () => {
  test('loses all open connections at once, and gets none under the old token; others keep theirs', async () => {
    const [ann, bob, topic] = [unusedName('ann'), unusedName('bob'), unusedName('all')];
    const token = await tokenFor(claimsOf(ann));
    const first = await clients.connect(token, [topic]);
    const open = [first, await clients.connect(token)];
    const other = await clients.connectAs(claimsOf(bob), [topic]);
    await Promise.all([first, other].map((client) => client.hear({ type: 'subscribed', topic })));

    const revoked = await run('revoke', '--sub', ann);
    const told = await Promise.all(open.map((client) => client.hear({ type: 'error' })));
    await Promise.all(open.map((client) => client.closed()));
    const again = clients.connect(token);

    await expect(again).rejects.toThrow('403');
    expect(revoked).toMatchObject({ code: 0, stdout: expect.stringContaining(`revoked * for ${ann}, until 20`) });
    for (const frame of told) expect(frame).toMatchObject({ code: 'revoked', topics: ['*'] });
    await expect(clients.connectAs(claimsOf(ann))).rejects.toThrow('403');
    const ack = await other.ask({ action: 'publish', topic, data: 'still here' });
    await expect(other.hear({ type: 'message', topic })).resolves.toMatchObject({ seq: ack['seq'], from: bob });
    for (const client of open) expect(client.heard.filter(({ type }) => type === 'message')).toEqual([]);
  });

  test('keeps what was not revoked, on a new connection, and gets the rest back when it is lifted', async () => {
    const [ann, news] = [unusedName('ann'), unusedName('news')];
    const [lost, kept] = [`${news}/x`, unusedName('kept')];
    const token = await tokenFor(claimsOf(ann));
    const before = await clients.connect(token, [lost, kept]);
    await before.hear({ type: 'subscribed', topic: lost });

    await run('revoke', '--sub', ann, '--topic', `${news}/*`, '--for', '1h');
    const told = await before.hear({ type: 'error' });
    await before.closed();
    const during = await clients.connect(token, [lost, kept]);
    const forbidden = await during.hear({ type: 'error' });
    await during.hear({ type: 'subscribed', topic: kept });
    const refused = [
      await during.ask({ action: 'publish', topic: lost, data: 1 }),
      await during.ask({ action: 'subscribe', topic: lost }),
    ];
    const taken = await during.ask({ action: 'publish', topic: kept, data: 1 });
    const delivered = await during.hear({ type: 'message', topic: kept });
    const lifted = await run('lift', '--sub', ann, '--topic', `${news}/*`);
    const after = await clients.connect(token, [lost]);
    await after.hear({ type: 'subscribed', topic: lost });
    const permitted = await after.ask({ action: 'publish', topic: lost, data: 2 });
    await after.hear({ type: 'message', topic: lost });

    expect(told).toMatchObject({ code: 'revoked', topics: [`${news}/*`] });
    expect(forbidden).toMatchObject({ code: 'forbidden', topics: [lost] });
    for (const frame of refused) expect(frame).toMatchObject({ type: 'error', code: 'forbidden' });
    expect(taken).toMatchObject({ type: 'ack' });
    expect(delivered).toMatchObject({ from: ann });
    expect(lifted).toMatchObject({ code: 0, stdout: expect.stringContaining(`lifted ${news}/* for ${ann}`) });
    expect(permitted).toMatchObject({ type: 'ack' });
    expect(during.heard.filter((frame) => frame['topic'] === lost && frame['type'] !== 'error')).toEqual([]);
  });

  test('cannot count on a counter whose topic is revoked', async () => {
    const [ann, counter] = [unusedName('ann'), unusedName('votes')];
    const token = await tokenFor(claimsOf(ann));

    await run('revoke', '--sub', ann, '--topic', `counter:${counter}`);
    const client = await clients.connect(token);
    const refused = await client.ask({ action: 'plus', counter });
    const other = await client.ask({ action: 'plus', counter: `${counter}-2` });

    expect(refused).toMatchObject({ type: 'error', code: 'forbidden' });
    expect(other).toMatchObject({ type: 'ack', value: 1 });
  });

  test('is matched by its whole name, not by a start of it', async () => {
    const ann = unusedName('ann');
    const other = await clients.connectAs(claimsOf(`${ann}2`));
    const short = await clients.connectAs(claimsOf(ann.slice(0, -1)));
    const own = await clients.connectAs(claimsOf(ann));

    await run('revoke', '--sub', ann);
    await own.closed();

    for (const client of [other, short]) expect(await client.ask({ action: 'ping' })).toMatchObject({ type: 'pong' });
  });
});
