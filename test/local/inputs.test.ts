import { readLimits } from '../../local/read-limits.ts';
import { openDialogue } from '../helpers/dialogue.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';

describe('a runtime with limits and faults as inputs', () => {
  let bench: RuntimeBench;
  afterEach(() => bench.stop());

  it('refuses a write as the plan says, and closes at a frame over the limit', async () => {
    const error = { name: 'InternalServerError', status: 500, message: 'too much' };
    const rule = { service: 'dynamodb', operation: 'UpdateItem', effect: { kind: 'error', error } } as const;
    const fault = { ...rule, on: 'Topics', delayMs: 0, share: 1, after: 0, times: 100 };
    bench = await startBench({}, { faults: { seed: 1, faults: [fault] }, limits: readLimits('frame=1KB') });
    const client = await openDialogue(bench.runtime.url);
    const refused = await client.ask({ action: 'publish', topic: 'news', data: 'lost' });
    client.say({ action: 'publish', topic: 'news', data: 'x'.repeat(2_000) });
    const { code } = await client.closed();

    expect(refused).toMatchObject({ type: 'error', code: 'unavailable' });
    expect(bench.log()).toMatch(/InternalServerError.*too much/);
    expect(code).toBe(1009);
  });
});
