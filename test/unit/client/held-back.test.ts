import { Requests } from '../../../client/src/requests.ts';
import { TestClock } from '../../helpers/test-clock.ts';

/** The requests of a client, and what they sent. */
function createScene() {
  const sent: string[] = [];
  const requests = new Requests({
    clock: new TestClock(),
    random: () => 0,
    limit: 10,
    timeoutMs: 60_000,
    send: (text) => sent.push(JSON.parse(text).topic) > 0,
  });
  /** Sends a request, and notes its end. */
  const ask = (topic: string, key?: string) => {
    const frame = { action: 'publish' as const, topic, data: 1, ...(key === undefined ? {} : { key }) };
    return requests.request(frame).then(
      () => 'done',
      ({ code }: { code: string }) => code,
    );
  };
  const refuse = (id: string) =>
    requests.settle({ type: 'error', id, code: 'rate-limited', message: 'Too many.', retryAfterMs: 10_000 });
  return { requests, sent, ask, refuse };
}

describe('a request that is held back behind a refused one without a key', () => {
  it('is sent once by the connection that replaces the present one', async () => {
    const { requests, sent, ask, refuse } = createScene();
    const refused = ask('refused');
    refuse('1');
    const held = ask('held', 'k');

    requests.promoted();

    expect(await refused).toBe('offline');
    expect(sent).toEqual(['refused', 'held']);
    requests.settle({ type: 'ack', id: '2', action: 'publish', topic: 'held', epoch: 'e', seq: 1 });
    expect(await held).toBe('done');
  });

  it('is not sent where it fails with its connection, as it has no key', async () => {
    const { requests, sent, ask, refuse } = createScene();
    const refused = ask('refused');
    refuse('1');
    const held = ask('held');

    requests.promoted();

    expect(await Promise.all([refused, held])).toEqual(['offline', 'offline']);
    expect(sent).toEqual(['refused']);
  });
});
