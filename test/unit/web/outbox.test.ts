import { type Published, RealtimeError, type RealtimeErrorCode } from '../../../client/src/index.ts';
import { type Fate, Outbox, type Outgoing } from '../../../web/outbox.ts';

const MINUTE_MS = 60_000;

interface Failure {
  readonly outgoing: Outgoing;
  readonly fate: Fate;
}

/** An outbox whose publishes are answered one after the other, each by the test. */
function openOutbox() {
  const published: { data: unknown; key: string; answer: PromiseWithResolvers<Published> }[] = [];
  const failures: Failure[] = [];
  const clock = { nowMs: 0 };
  let keys = 0;
  const outbox = new Outbox({
    publish: ({ data, key }) => {
      const answer = Promise.withResolvers<Published>();
      published.push({ data, key, answer });
      return answer.promise;
    },
    newKey: () => `key-${(keys += 1)}`,
    now: () => clock.nowMs,
    onPublished: () => undefined,
    onFailed: (outgoing, fate) => failures.push({ outgoing, fate }),
  });
  const end = async (error?: RealtimeErrorCode): Promise<void> => {
    const { answer } = published[published.length - 1] ?? {};
    if (error === undefined) answer?.resolve({ topic: 't', epoch: 'e', seq: published.length });
    else answer?.reject(new RealtimeError(error, error));
    // The outbox goes on in a few microtasks.
    await new Promise(setImmediate);
  };
  const again = (): void => {
    const failure = failures[failures.length - 1];
    if (failure !== undefined) outbox.again(failure.outgoing, failure.fate);
  };
  return { outbox, published, failures, clock, end, again };
}

describe('the outbox of a form', () => {
  it('publishes one text at a time, in the order of the presses', async () => {
    const { outbox, published, end } = openOutbox();

    for (const text of ['a', 'b', 'c']) outbox.add(text, text);
    const atOnce = published.length;
    await end();
    await end();

    expect(atOnce).toBe(1);
    expect(published.map(({ data }) => data)).toEqual(['a', 'b', 'c']);
    expect(new Set(published.map(({ key }) => key)).size).toBe(3);
  });

  it('publishes a text of unknown fate again under its key', async () => {
    const { outbox, published, failures, end, again } = openOutbox();

    outbox.add('a', 'a');
    await end('timeout');
    again();

    expect(failures.map(({ fate }) => fate)).toEqual(['unknown']);
    expect(published.map(({ key }) => key)).toEqual(['key-1', 'key-1']);
  });

  it('keeps the key of a text that may have been published, though a later attempt was not sent', async () => {
    const { outbox, published, failures, end, again } = openOutbox();

    outbox.add('a', 'a');
    await end('timeout');
    again();
    await end('offline');
    again();

    expect(failures.map(({ fate }) => fate)).toEqual(['unknown', 'unknown']);
    expect(new Set(published.map(({ key }) => key))).toEqual(new Set(['key-1']));
  });

  it('says that a text may appear twice when the server has forgotten its key, and then uses a new one', async () => {
    const { outbox, published, failures, clock, end, again } = openOutbox();

    outbox.add('a', 'a');
    await end('timeout');
    clock.nowMs = 9 * MINUTE_MS;
    again();
    const sentBefore = published.length;
    again();

    expect(failures.map(({ fate }) => fate)).toEqual(['unknown', 'unknown-for-good']);
    expect(sentBefore).toBe(1);
    expect(published.map(({ key }) => key)).toEqual(['key-1', 'key-2']);
  });

  it('counts the life of a key from its publish, not from the time of the press', async () => {
    const { outbox, published, failures, clock, end, again } = openOutbox();

    outbox.add('a', 'a');
    outbox.add('b', 'b');
    clock.nowMs = 5 * MINUTE_MS;
    await end();
    await end('timeout');
    clock.nowMs = 10 * MINUTE_MS;
    again();

    expect(failures.map(({ fate }) => fate)).toEqual(['unknown']);
    expect(published.map(({ key }) => key)).toEqual(['key-1', 'key-2', 'key-2']);
  });

  it('does not send the texts behind one that was not sent: they would overtake it', async () => {
    const { outbox, published, failures, end } = openOutbox();

    for (const text of ['a', 'b', 'c']) outbox.add(text, text);
    await end('offline');

    expect(published).toHaveLength(1);
    expect(failures.map(({ outgoing, fate }) => [outgoing.text, fate])).toEqual([
      ['a', 'not-sent'],
      ['b', 'not-sent'],
      ['c', 'not-sent'],
    ]);
  });

  it('goes on behind a text that is refused', async () => {
    const { outbox, published, failures, end } = openOutbox();

    for (const text of ['a', 'b']) outbox.add(text, text);
    await end('too-large');

    expect(failures.map(({ fate }) => fate)).toEqual(['refused']);
    expect(published.map(({ data }) => data)).toEqual(['a', 'b']);
  });

  it('has room for 100 texts behind the one in flight', () => {
    const { outbox } = openOutbox();
    let taken = 0;
    while (outbox.hasRoom) {
      outbox.add('a', 'a');
      taken += 1;
    }

    expect(taken).toBe(101);
  });
});
