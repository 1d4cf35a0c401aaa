import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { authenticatedPort, EVERYTHING, tokenFor } from '../helpers/authenticated.ts';
import { unusedName } from '../helpers/contract-target.ts';

const run = promisify(execFile);

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../docs/durable-streams.md'), 'utf8');

/** The client in Python of the documentation. */
const [, PYTHON = ''] = /```python\n([\s\S]*?)```/.exec(DOCUMENT) ?? [];

describe('a client in another language', () => {
  it('of Python’s standard library publishes once, and reads on until the topic is closed', async () => {
    const topic = unusedName('python');
    const url = `http://127.0.0.1:${authenticatedPort()}`;
    const token = await tokenFor({ ...EVERYTHING, sub: 'python' });

    const { stdout } = await run('python3', ['-c', PYTHON, url, topic, token], { timeout: 280_000 });

    expect(PYTHON).not.toBe('');
    expect(stdout.trim().split('\n')).toEqual(['hello', 'again', 'the end', 'closed']);
  });

  it('as curl posts frames, and gets the answers as events', async () => {
    const topic = unusedName('curl');
    const token = await tokenFor({ ...EVERYTHING, sub: 'curl' });
    const frame = JSON.stringify({ action: 'publish', topic, data: 'hello', key: 'k1', id: '1' });
    const args = ['-sN', `http://127.0.0.1:${authenticatedPort()}/v1/frames`, '-H', `Authorization: Bearer ${token}`];

    const { stdout } = await run('curl', [...args, '--data-binary', `${frame}\n${frame}`]);

    expect([...stdout.matchAll(/^data: .*"seq":(\d+)/gm)].map(([, seq]) => seq)).toEqual(['1', '1']);
  });
});
