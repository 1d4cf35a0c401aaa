import * as fc from 'fast-check';
import { type LocalChange, OptimisticValue } from '../../../client/src/optimistic-value.ts';

const at = (value: number, seq: number, epoch = 'a') => ({ value, seq, epoch });

describe('the value that a counter shows', () => {
  it('is not known before the server has told one', () => {
    const counter = new OptimisticValue();

    counter.begin(1);

    expect(counter.value).toBeUndefined();
  });

  it('has an own change in it at once, and still only once when the ack comes', () => {
    const counter = new OptimisticValue();
    counter.learn(at(10, 3));

    const change = counter.begin(1);
    const atOnce = counter.value;
    counter.acknowledge(change, at(11, 4));

    expect([atOnce, counter.value]).toEqual([11, 11]);
  });

  it('counts an own change once when its state overtakes its ack', () => {
    const counter = new OptimisticValue();
    counter.learn(at(10, 3));
    const change = counter.begin(1);

    counter.learn(at(11, 4));
    const between = counter.value;
    counter.acknowledge(change, at(11, 4));

    expect([between, counter.value]).toEqual([11, 11]);
  });

  it('does not go back on a state older than what is known', () => {
    const counter = new OptimisticValue();
    counter.learn(at(10, 9));

    counter.learn(at(4, 4));

    expect(counter.value).toBe(10);
  });

  it('takes the value of a new epoch whatever its seq', () => {
    const counter = new OptimisticValue();
    counter.learn(at(10, 9));

    counter.learn(at(2, 1, 'b'));

    expect(counter.value).toBe(2);
  });

  it('takes an own change back when it was refused', () => {
    const counter = new OptimisticValue();
    counter.learn(at(10, 9));
    const change = counter.begin(5);

    counter.abandon(change);

    expect(counter.value).toBe(10);
  });

  it('begins with a counter that nobody has changed yet', () => {
    const counter = new OptimisticValue();
    counter.learn({ value: 0, epoch: null, seq: 0 });
    const [first, second] = [counter.begin(1), counter.begin(1)];

    counter.acknowledge(second, at(2, 2));
    const between = counter.value;
    counter.acknowledge(first, at(1, 1));

    expect([between, counter.value]).toEqual([2, 2]);
  });

  it('never goes back and ends right while all add, in whatever order acks and states arrive', () => {
    const arrivals = fc.array(fc.record({ own: fc.boolean(), ackRank: fc.nat(1_000), stateRank: fc.nat(1_000) }), {
      minLength: 1,
      maxLength: 30,
    });

    fc.assert(
      fc.property(arrivals, (writes) => {
        const counter = new OptimisticValue();
        counter.learn(at(0, 0));
        const shown: (number | undefined)[] = [];
        const changes = new Map<number, LocalChange>();
        for (const [index, { own }] of writes.entries()) if (own) changes.set(index, counter.begin(1));
        const events = writes.flatMap(({ own, ackRank, stateRank }, index) => [
          ...(own ? [{ rank: ackRank, index, isAck: true }] : []),
          { rank: stateRank, index, isAck: false },
        ]);

        for (const { index, isAck } of events.sort((a, b) => a.rank - b.rank)) {
          const change = changes.get(index);
          if (isAck && change !== undefined) counter.acknowledge(change, at(index + 1, index + 1));
          else counter.learn(at(index + 1, index + 1));
          shown.push(counter.value);
        }

        expect(shown).toEqual([...shown].sort((a, b) => (a ?? 0) - (b ?? 0)));
        expect(counter.value).toBe(writes.length);
      }),
    );
  });
});
