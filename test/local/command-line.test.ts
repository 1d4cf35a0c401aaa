import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unusedName } from '../helpers/contract-target.ts';
import { openDialogue } from '../helpers/dialogue.ts';
import { type RunningRuntime, startRuntime, testAssembly } from '../helpers/runtime.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const STEPS: unknown = expect.stringMatching(/^(step .*\n)*$/);

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the runtime until it ends by itself, or is killed after 100 s: its code is then null. */
function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const child: ChildProcess = execFile(
    process.execPath,
    ['local/main.ts', ...args],
    { cwd: ROOT, env: { ...process.env, ...environment }, timeout: 100_000 },
    (_, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
  );
  return promise;
}

/** Returns every descendant of this process, from the kernel's list. */
async function descendants(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const direct = children.split(' ').filter(Boolean).map(Number);
  return [...direct, ...(await Promise.all(direct.map(descendants))).flat()];
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Returns the engines among the descendants: one, or none at the moment. */
async function engines(pid: number): Promise<number[]> {
  const named = await Promise.all(
    (await descendants(pid)).map(
      async (id) => [id, await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')] as const,
    ),
  );
  return named.filter(([, command]) => command.split('\0')[0]?.endsWith('/dynoxide')).map(([id]) => id);
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has already ended.
  }
}

const nextTurn = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 20));

describe('npm start', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
  });

  async function started(options: readonly string[] = []): Promise<RunningRuntime> {
    const runtime = await startRuntime(options);
    cleanups.push(() => runtime.stop());
    return runtime;
  }

  async function directory(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'distributary-cli-'));
    cleanups.push(() => rm(path, { recursive: true, force: true }));
    return path;
  }

  test('says in one line when clients can connect, and serves the page', async () => {
    const runtime = await started();

    const page = await fetch(runtime.page);

    expect(runtime.output().match(/^ready ws:\/\/127\.0\.0\.1:\d+\/live$/gm)).toHaveLength(1);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<!doctype html>');
  });

  test('Ctrl-C ends everything it started, within three seconds, and leaves no process', async () => {
    const runtime = await started();
    const client = await openDialogue(runtime.url);
    await client.ask({ action: 'plus' });
    await client.hear({ type: 'state' });
    const processes = await descendants(runtime.process.pid ?? 0);
    const code = await runtime.stop();
    const closed = await client.closed();

    // After more than three seconds the process would exit with code 1.
    expect(code).toBe(0);
    expect(processes.length).toBeGreaterThan(2);
    expect(processes.filter(isAlive)).toEqual([]);
    expect(closed).toEqual({ code: 1001, reason: 'Going away' });
  });

  test('with --data the next run goes on where the last one stopped', async () => {
    const data = await directory();
    const [topic, counter] = [unusedName('kept'), unusedName('kept')];
    const first = await started(['--data', data]);
    const publisher = await openDialogue(`${first.url}?topics=${topic}`);
    await publisher.hear({ type: 'subscribed', topic });
    const ack = await publisher.ask({ action: 'publish', topic, data: 'kept' });
    await publisher.hear({ type: 'message', seq: 1 });
    await publisher.ask({ action: 'plus', counter, by: 7 });
    await first.stop();

    const second = await started(['--data', data]);
    const client = await openDialogue(`${second.url}?topics=`);
    client.say({ action: 'subscribe', topic, history: 1 });
    const subscribed = await client.hear({ type: 'subscribed', topic });
    const next = await client.ask({ action: 'publish', topic, data: 'more' });
    const value = await client.ask({ action: 'plus', counter });
    await client.hear({ type: 'message', seq: 2 });

    expect(subscribed).toMatchObject({ epoch: ack['epoch'], seq: 1, messages: [{ data: 'kept' }] });
    expect(next).toMatchObject({ epoch: ack['epoch'], seq: 2 });
    expect(value).toMatchObject({ value: 8, seq: 2 });
    expect(client.heard.filter(({ type, seq }) => type === 'message' && seq === 1)).toEqual([]);
  });

  test('a port in use is one clear line and exit 1', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    cleanups.push(async () => server.close());

    const ended = await run([], { PORT: String(port) });

    expect(ended).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^Port ${port} is in use; .*PORT=.*\\n$`)),
    });
  });

  test.each([
    [['--engine', 'nosql'], /^there is no engine nosql: choose .*\n$/],
    [['--engine', 'http://127.0.0.1:9'], /^no engine answers at .*\n$/],
    [['--port', 'x'], /^x is not a port: .*\n$/],
    [['--prot', '1'], /^Unknown option '--prot'.*--help\n$/],
    [['--latency', 'slow'], /^--latency is fast or aws.*\n$/],
    [['--data', '/proc/nowhere'], /^--data \/proc\/nowhere cannot be used: .*\n$/],
    [['--data', 'package.json'], /^--data package.json cannot be used: it is a file\n$/],
    [['--assembly', 'no-such-directory'], /^.*no-such-directory.*\n$/],
  ])('%p is one clear line and exit 1', async (args, line) => {
    const ended = await run([
      '--port',
      '0',
      ...(args.includes('--assembly') ? [] : ['--assembly', testAssembly()]),
      ...args,
    ]);

    expect(ended).toEqual({ code: 1, stdout: STEPS, stderr: expect.stringMatching(line) });
  });

  test('a template with an unsupported resource is one clear line and exit 1', async () => {
    const assembly = await directory();
    await cp(testAssembly(), assembly, { recursive: true });
    const [name = ''] = (await readdir(assembly)).filter((file) => file.endsWith('.template.json'));
    const template = JSON.parse(await readFile(join(assembly, name), 'utf8'));
    template.Resources.Records = { Type: 'AWS::Kinesis::Stream', Properties: {} };
    await writeFile(join(assembly, name), JSON.stringify(template));

    const ended = await run(['--port', '0', '--assembly', assembly]);

    expect(ended).toMatchObject({ code: 1, stdout: 'step  reading the template\n' });
    expect(ended.stderr).toMatch(/\.template\.json: Records: .*AWS::Kinesis::Stream.*docs\/local-runtime\.md.*\n$/);
  });

  test('--help explains itself', async () => {
    const ended = await run(['--help']);

    expect(ended).toMatchObject({ code: 0, stderr: '' });
    for (const option of ['--port', '--data', '--engine', '--assembly', '--page', '--latency', '--verbose']) {
      expect(ended.stdout).toContain(option);
    }
  });

  test('killed without a word, it leaves no process either', async () => {
    const runtime = await started();
    const client = await openDialogue(runtime.url);
    await client.ask({ action: 'plus' });
    const children = await descendants(runtime.process.pid ?? 0);

    runtime.process.kill('SIGKILL');
    await once(runtime.process, 'exit');
    while (children.some(isAlive)) await nextTurn();

    expect(children.length).toBeGreaterThan(1);
  });

  test('interrupted alone while it synthesizes, it leaves no process and no directory', async () => {
    const temporary = await directory();
    const child = spawn(process.execPath, ['local/main.ts', '--port', '0'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, TMPDIR: temporary },
    });
    expect(String(await once(child.stdout, 'data'))).toBe('step  synthesizing the app of cdk.json\n');
    // The app with its shell, and the bundler that it starts.
    let processes: number[] = [];
    while (processes.length < 2) {
      await nextTurn();
      processes = await descendants(child.pid ?? 0);
    }

    // A signal to this process only; a terminal would send it to the whole group.
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    while (processes.some(isAlive)) await nextTurn();

    expect(code).toBe(0);
    expect(await readdir(temporary)).toEqual([]);
  });

  test('an engine that is dead for good ends it with 1, and leaves no process', async () => {
    const temporary = await directory();
    const runtime = await started(['--data', temporary]);
    const { pid = 0 } = runtime.process;
    const exited = once(runtime.process, 'exit');
    const processes = await descendants(pid);

    while (runtime.process.exitCode === null) {
      for (const engine of await engines(pid)) end(engine);
      await nextTurn();
    }
    const [code] = await exited;
    while (processes.some(isAlive)) await nextTurn();

    expect(code).toBe(1);
    expect(runtime.output()).toMatch(/signal SIGKILL/);
  });
});
