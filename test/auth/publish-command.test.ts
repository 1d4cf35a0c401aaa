import { authenticatedPort, createTokenClients, EVERYTHING, tokenFor } from '../helpers/authenticated.ts';
import { runCommand } from '../helpers/command.ts';
import { unusedName } from '../helpers/contract-target.ts';

const clients = createTokenClients();
afterAll(() => clients.cutAll());

const run = (...args: readonly string[]) => runCommand(authenticatedPort(), ...args);

describe('distributary publish, where the stack asks for tokens', () => {
  test('publishes as a back end without a token, and as its subject with one', async () => {
    const topic = unusedName('news');
    const reader = await clients.connectAs(EVERYTHING, [topic]);
    await reader.hear({ type: 'subscribed', topic });
    const token = await tokenFor({ sub: 'ann', publish: [topic] });

    const written = await run('publish', topic, '"by a back end"');
    const sent = await run('publish', topic, '"by ann"', '--token', token, '--key', 'k');
    const messages = [
      await reader.hear({ type: 'message', topic, seq: 1 }),
      await reader.hear({ type: 'message', topic, seq: 2 }),
    ];

    expect([written, sent]).toMatchObject([{ code: 0 }, { code: 0 }]);
    expect(sent.stdout).toMatch(new RegExp(`^published ${topic} 2 \\(epoch `));
    expect(messages.map(({ data, from }) => [data, from])).toEqual([
      ['by a back end', undefined],
      ['by ann', 'ann'],
    ]);
  });

  test('says why a token may not, and shows no token', async () => {
    const token = await tokenFor({ sub: 'ann', publish: ['other'] });

    const forbidden = await run('publish', unusedName('news'), '1', '--token', token);
    const refused = await run('publish', 'news', '1', '--token', 'abc');

    expect(forbidden).toMatchObject({ code: 1, stderr: expect.stringMatching(/^forbidden: .*publish/) });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/^unauthorized: /) });
    expect(forbidden.stderr).not.toContain(token);
  });

  test('asks for the variable with the token, if there is none', async () => {
    const { code, stderr } = await run('publish', 'news', '1', '--token', '-');

    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('DISTRIBUTARY_TOKEN') });
  });
});
