import { contractTarget, unusedName } from '../helpers/contract-target.ts';
import type { Frame } from '../helpers/dialogue.ts';

const isState = (counter: string) => (frame: Frame) => frame['type'] === 'state' && frame['counter'] === counter;

describe('counters', () => {
  const target = contractTarget();
  afterAll(() => target.cutAll());

  test('plus and minus change the value, and every subscriber gets it', async () => {
    const counter = unusedName('basic');
    const [one, other] = [await target.client([`counter:${counter}`]), await target.client([`counter:${counter}`])];
    await Promise.all([one, other].map((client) => client.hear({ type: 'subscribed' })));

    const plus = await one.ask({ action: 'plus', counter, by: 5 });
    const minus = await one.ask({ action: 'minus', counter });

    expect(plus).toMatchObject({ type: 'ack', action: 'plus', counter, value: 5, seq: 1 });
    expect(minus).toMatchObject({ type: 'ack', action: 'minus', counter, value: 4, seq: 2 });
    await expect(other.hear({ type: 'state', counter, value: 4 })).resolves.toMatchObject({
      seq: 2,
      epoch: plus['epoch'],
    });
  });

  test('plus without an id gets no answer; without a counter it changes the global one', async () => {
    const client = await target.client(['counter:global-counter']);
    const before = await client.hear({ type: 'subscribed' });

    client.say({ action: 'plus' });
    const state = await client.hear(
      (frame) => isState('global-counter')(frame) && Number(frame['seq']) > Number(before['seq']),
    );

    expect(state['value']).toBeGreaterThan(Number(before['value'] ?? 0));
    expect(client.heard.filter(({ type }) => type === 'ack')).toEqual([]);
  });

  test('a subscriber gets the current value of a counter', async () => {
    const counter = unusedName('snapshot');
    const publisher = await target.client();
    await publisher.ask({ action: 'plus', counter, by: 7 });

    const subscriber = await target.client();
    subscriber.say({ action: 'subscribe', topic: `counter:${counter}` });

    await expect(subscriber.hear({ type: 'subscribed' })).resolves.toMatchObject({ value: 7, seq: 1, recovered: true });
  });

  test('a change below min or above max is refused and changes nothing', async () => {
    const counter = unusedName('tickets');
    const client = await target.client();
    await client.ask({ action: 'plus', counter, by: 3 });

    const tooMuch = await client.ask({ action: 'minus', counter, by: 4, min: 0 });
    const enough = await client.ask({ action: 'minus', counter, by: 3, min: 0 });
    const over = await client.ask({ action: 'plus', counter, by: 11, max: 10 });

    expect(tooMuch).toMatchObject({ type: 'error', code: 'out-of-bounds', action: 'minus' });
    expect(enough).toMatchObject({ type: 'ack', value: 0, seq: 2 });
    expect(over).toMatchObject({ type: 'error', code: 'out-of-bounds' });
  });

  test('the same key counts once and gets the same answer', async () => {
    const counter = unusedName('keyed');
    const [one, other] = await target.twoOfOneSubject();

    const first = await one.ask({ action: 'plus', counter, by: 2, key: 'k-1' });
    await one.ask({ action: 'plus', counter, by: 2, key: 'k-2' });
    const repeated = await other.ask({ action: 'plus', counter, by: 2, key: 'k-1' });
    const after = await other.ask({ action: 'plus', counter });

    expect({ ...repeated, id: first['id'] }).toEqual(first);
    expect(after).toMatchObject({ value: 5, seq: 3 });
  });

  test('20 clients send 30 plus and 10 minus each at once: every client gets the exact value, and no older one after a newer', async () => {
    const counter = unusedName('race');
    const topic = `counter:${counter}`;
    const clients = await Promise.all(Array.from({ length: 20 }, () => target.client([topic])));
    await Promise.all(clients.map((client) => client.hear({ type: 'subscribed', topic })));

    for (const client of clients) {
      for (let i = 0; i < 40; i++) client.say({ action: i % 4 === 3 ? 'minus' : 'plus', counter });
    }
    await Promise.all(clients.map((client) => client.hear((frame) => isState(counter)(frame) && frame['seq'] === 800)));

    for (const client of clients) {
      const states = client.heard.filter(isState(counter));
      const seqs = states.map(({ seq }) => Number(seq));
      expect(states.at(-1)).toMatchObject({ value: 20 * (30 - 10), seq: 800 });
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
      expect(client.heard.filter(({ type }) => type === 'error')).toEqual([]);
    }
  });
});
