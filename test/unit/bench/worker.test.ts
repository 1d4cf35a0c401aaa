import { startWorker, type Worker } from '../../../bench/processes/start-worker.ts';
import type { StubCommands } from '../../../bench/post/stub-worker.ts';

const STUB = new URL('../../../bench/post/stub-worker.ts', import.meta.url);

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a worker', () => {
  let worker: Worker<StubCommands>;
  afterEach(() => worker.stop());

  test('is a process of its own that answers, and has ended when it is stopped', async () => {
    worker = startWorker<StubCommands>(STUB);

    const port = await worker.call('listen', undefined);
    const { status } = await fetch(`http://127.0.0.1:${port}/any`, { method: 'POST', body: 'x' });
    await worker.stop();

    expect(status).toBe(200);
    expect(worker.pid).not.toBe(process.pid);
    expect(isAlive(worker.pid)).toBe(false);
  });

  test('that goes beyond its time is killed, and what was asked of it fails', async () => {
    worker = startWorker<StubCommands>(STUB, { limitMs: 1 });

    await expect(worker.call('listen', undefined)).rejects.toThrow('SIGKILL');
  });

  test('that has ended answers nothing more', async () => {
    worker = startWorker<StubCommands>(STUB);
    await worker.stop();

    await expect(worker.call('listen', undefined)).rejects.toThrow('has ended');
  });
});
