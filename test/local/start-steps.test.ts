import { type RunningRuntime, startRuntime } from '../helpers/runtime.ts';

describe('npm start', () => {
  let runtime: RunningRuntime | undefined;
  afterEach(async () => {
    await runtime?.stop();
  });

  test('says in a line each what it does, before it says where the page is and that clients can connect', async () => {
    runtime = await startRuntime();

    const lines = runtime.output().split('\n');
    const ready = lines.findIndex((line) => line.startsWith('ready '));
    expect(lines.slice(0, ready)).toEqual([
      'step  reading the template',
      'step  starting the engine dynoxide',
      expect.stringMatching(/^step {2}creating \d+ tables and \d+ buckets$/),
      expect.stringMatching(/^step {2}starting \d+ event source mappings$/),
      'step  starting the gateway',
      expect.stringMatching(/^page {2}http/),
      expect.stringMatching(/^view {2}http.*_local$/),
    ]);
  });
});
