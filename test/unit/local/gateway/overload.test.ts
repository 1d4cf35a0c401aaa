import type { InvocationResult, Invoke, InvokeOptions } from '../../../../local/model.ts';
import { gate, openClient, refusedStatus, route, startHarness, stopAll } from './gateway-harness.ts';

afterEach(stopAll);

const THROTTLED = {
  outcome: 'service-error',
  requestId: 'r',
  errorMessage: 'Rate Exceeded',
  isThrottled: true,
} as const;

describe('under load, a message', () => {
  it('whose function has too many invocations waiting is answered Too Many Requests', async () => {
    const harness = await startHarness({ routes: [route('echo', 'echo')], deps: { invoke: async () => THROTTLED } });
    const client = await openClient(harness.url);

    client.send({ action: 'echo' });

    expect(JSON.parse(await client.next())).toMatchObject({ message: 'Too Many Requests' });
    expect(harness.warnings).toEqual([]);
  });

  it('is invoked in the name of its connection, and given up when its integration may take no longer', async () => {
    const calls: (InvokeOptions | undefined)[] = [];
    const never = gate<InvocationResult>();
    const invoke: Invoke = (_functionArn, _event, options) => {
      calls.push(options);
      return never.wait;
    };
    const slow = route('slow', 'slow', { integrationTimeoutMs: 50 });
    const harness = await startHarness({ routes: [slow], deps: { invoke } });
    const client = await openClient(harness.url);

    client.send({ action: 'slow' });
    const frame = JSON.parse(await client.next());

    expect(calls).toEqual([{ source: frame.connectionId, signal: expect.objectContaining({ aborted: true }) }]);
  });
});

describe('under load, an upgrade', () => {
  it('whose $connect function has too many invocations waiting is refused with 429', async () => {
    const harness = await startHarness({ deps: { invoke: async () => THROTTLED } });

    expect(await refusedStatus(harness.url)).toBe(429);
  });
});
