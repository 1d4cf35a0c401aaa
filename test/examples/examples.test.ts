import { once } from 'node:events';
import { createServer } from 'node:net';
import { RunningExample } from '../helpers/running-example.ts';
import { startRuntime } from '../helpers/runtime.ts';

describe('an example', () => {
  const running: RunningExample[] = [];
  let runtime: { readonly url: string; stop(): Promise<unknown> };

  beforeAll(async () => {
    const url = process.env['DISTRIBUTARY_URL'];
    runtime = url === undefined ? await startRuntime() : { url, stop: async () => undefined };
  });

  afterAll(async () => {
    for (const example of running) example.kill();
    await runtime.stop();
  });

  const run = (...words: string[]): RunningExample => {
    const example = new RunningExample([...words, '--url', runtime.url, '--seconds', '40']);
    running.push(example);
    return example;
  };

  it('counter shows everybody what one has added', async () => {
    const watcher = run('counter', '--count', '2');
    await watcher.says(/^-?\d+$/);

    const adder = run('counter', '--by', '5');
    const ended = [await adder.exitCode(), await watcher.exitCode()];

    const values = watcher.lines.filter((line) => /^-?\d+$/.test(line)).map(Number);
    expect(ended).toEqual([0, 0]);
    expect(Number(values[1]) - Number(values[0])).toBe(5);
    expect(adder.lines).toEqual([String(values[1])]);
  });

  it('chat carries what one types to everyone', async () => {
    const [ann, ben] = [run('chat', '--count', '1'), run('chat', '--count', '1')];
    await Promise.all([ann.says(/You are in/), ben.says(/You are in/)]);

    ann.type('Good morning');
    const ended = [await ann.exitCode(), await ben.exitCode()];

    expect(ended).toEqual([0, 0]);
    expect(ben.lines.at(-1)).toBe('Good morning');
  });

  it('marko is answered', async () => {
    const marko = run('marko');

    const ended = await marko.exitCode();

    expect(ended).toBe(0);
    expect(marko.lines).toEqual(['Marko?', 'Polo!']);
  });

  it('topics brings the count of one process to the other', async () => {
    const subscriber = run('topics', 'subscribe', '--count', '2');
    await subscriber.says(/Subscribed/);
    const publisher = run('topics', 'publish', '--count', '2');

    const ended = [await publisher.exitCode(), await subscriber.exitCode()];

    expect(ended).toEqual([0, 0]);
    expect(subscriber.lines.slice(-2)).toEqual([
      expect.stringMatching(/^general #\d+: 1$/),
      expect.stringMatching(/^general #\d+: 2$/),
    ]);
  });

  it('others reaches all but the sender', async () => {
    const [ann, ben] = [run('others'), run('others', '--count', '1')];
    await Promise.all([ann.says(/Subscribed/), ben.says(/Subscribed/)]);

    ann.type('psst');
    const ended = await ben.exitCode();
    await ann.says(/sent to the others/);
    ann.interrupt();
    await ann.exitCode();

    expect(ended).toBe(0);
    expect(ben.lines.at(-1)).toMatch(/^#\d+ psst$/);
    expect(ann.lines.filter((line) => line.includes('psst'))).toEqual([]);
  });

  it('ends on Ctrl-C', async () => {
    const chat = run('chat');
    await chat.says(/You are in/);

    chat.interrupt();

    await expect(chat.exitCode()).resolves.toBe(0);
  });
});

async function runToEnd(...words: string[]) {
  const example = new RunningExample(words);
  return { code: await example.exitCode(), lines: example.lines };
}

describe('the command of the examples', () => {
  it('explains itself', async () => {
    const { code, lines } = await runToEnd('--help');

    expect(code).toBe(0);
    for (const name of ['counter', 'chat', 'marko', 'topics', 'others']) {
      expect(lines.some((line) => line.startsWith(`  ${name}`))).toBe(true);
    }
  });

  it.each([
    { words: ['polo'], says: 'There is no example polo. There are: counter, chat, marko, topics, others.' },
    { words: [], says: 'Which example? There are: counter, chat, marko, topics, others.' },
    { words: ['counter', '--by', 'x'], says: '--by must be a whole number, not x.' },
  ])('refuses $words in one line', async ({ words, says }) => {
    const { code, lines } = await runToEnd(...words);

    expect({ code, lines }).toEqual({ code: 1, lines: [says] });
  });

  it('says in one line that there is no server', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = address === null || typeof address === 'string' ? 0 : address.port;
    taken.close();
    await once(taken, 'close');

    const { code, lines } = await runToEnd('counter', '--url', `ws://127.0.0.1:${port}/live`);

    expect({ code, lines }).toEqual({
      code: 1,
      lines: [`No server at ws://127.0.0.1:${port}/live. Run \`npm start\` first.`],
    });
  });
});
