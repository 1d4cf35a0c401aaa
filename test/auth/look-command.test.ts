import { authenticatedPort, createTokenClients, runtimeAddress, tokenFor } from '../helpers/authenticated.ts';
import { jsonLines, runCommand } from '../helpers/command.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { eventually } from '../helpers/eventually.ts';

const clients = createTokenClients();
afterAll(() => clients.cutAll());

const run = (...args: readonly string[]) => runCommand(authenticatedPort(), ...args);

describe('the commands of operators, where the stack asks for tokens', () => {
  test('doctor counts the handshakes that were refused', async () => {
    await expect(clients.connect('no.good.token')).rejects.toThrow('401');

    const { stdout } = await run('doctor', '--json');

    const finding = jsonLines({ stdout }).find(({ check }) => check === 'handshakes');
    expect(finding).toMatchObject({ status: 'ok', found: expect.stringMatching(/malformed-token/) });
  });

  test('trace tells as whom a connection was let in, and what was refused to it', async () => {
    const [topic, sub] = [unusedName('news'), unusedName('ann')];
    const reader = await clients.connect(await tokenFor({ sub, subscribe: [`${topic}-2`], publish: [topic] }));
    await reader.ask({ action: 'subscribe', topic });
    await reader.ask({ action: 'publish', topic, data: 1 });
    const id = await connectionOf(sub);

    await eventually(async () => {
      const { stdout } = await run('trace', topic, '1', '--connection', id);
      expect(stdout).toContain(`the connection was let in as ${sub}`);
      expect(stdout).toContain('the connection was refused by subscribe (forbidden)');
    }, 'the log has it');
  });
});

/** Returns the id of the connection of a subject, by the log of its handshake. */
async function connectionOf(sub: string): Promise<string> {
  const response = await fetch(runtimeAddress(`/logs?contains=${encodeURIComponent(sub)}`));
  const text = await response.text();
  return /connectionId\\?":\\?"([^"\\]+)/.exec(text)?.[1] ?? '';
}
