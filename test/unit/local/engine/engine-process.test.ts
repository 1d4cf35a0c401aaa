import { setImmediate as nextTurn } from 'node:timers/promises';

import { startProcess } from '../../../../local/engine/engine-process.ts';

/** The code of a process that ignores SIGTERM, and logs when it is ready. */
const STUBBORN = `process.on('SIGTERM', () => {}); console.log('deaf'); setInterval(() => {}, 1000);`;

describe('startProcess', () => {
  it('tells how a process ended and what it said last', async () => {
    const args = ['-e', 'console.error("out of memory"); process.exit(7)'];
    const started = startProcess({ command: process.execPath, args });

    const how = await started.ended;

    expect(how).toBe('exit code 7');
    expect(started.said()).toBe('out of memory\n');
    expect(started.isRunning()).toBe(false);
  });

  it('kills a process that does not end when asked', async () => {
    const started = startProcess({ command: process.execPath, args: ['-e', STUBBORN] });
    while (started.isRunning() && !started.said().includes('deaf')) await nextTurn();

    await started.stop();

    expect(await started.ended).toBe('signal SIGKILL');
  });

  it('ends a process politely when it listens, and may be told twice', async () => {
    const started = startProcess({ command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'] });

    await started.stop();
    await started.stop();

    expect(await started.ended).toBe('signal SIGTERM');
  });

  it('is a process that has ended when there is no such command', async () => {
    const started = startProcess({ command: 'no-such-command-anywhere', args: [] });

    await started.ended;

    expect(started.isRunning()).toBe(false);
    await started.stop();
  });
});
