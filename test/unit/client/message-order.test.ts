import * as BOUNDS from '../../../client/src/bounds.ts';
import { MessageOrder } from '../../../client/src/message-order.ts';

const message = (seq: number, epoch = 'a') =>
  ({ type: 'message', topic: 't', epoch, seq, data: seq, publishedAt: '' }) as const;

const subscribed = (seq: number, rest: object = {}) =>
  ({ type: 'subscribed', topic: 't', epoch: 'a', seq, recovered: true, ...rest }) as const;

function orderAt(seq: number) {
  const delivered: unknown[] = [];
  const order = new MessageOrder(({ data }) => delivered.push(data));
  order.catchUp(subscribed(seq));
  return { order, delivered };
}

describe('the order of the messages of a topic', () => {
  it('delivers what follows on and drops what was there already', () => {
    const { order, delivered } = orderAt(5);

    const followed = [message(6), message(6), message(5), message(7)].map((each) => order.takeLive(each));

    expect(followed).toEqual([true, true, true, true]);
    expect(delivered).toEqual([6, 7]);
  });

  it('holds back what comes after a hole, and delivers it in order when the hole is filled', () => {
    const { order, delivered } = orderAt(5);

    const followed = [message(8), message(7)].map((each) => order.takeLive(each));
    order.catchUp(subscribed(6, { messages: [message(6)] }));
    const isWhole = order.release();

    expect(followed).toEqual([false, false]);
    expect(isWhole).toBe(true);
    expect(delivered).toEqual([6, 7, 8]);
  });

  it('joins an answer of several frames with what came live in the meantime', () => {
    const { order, delivered } = orderAt(2);

    order.takeLive(message(7));
    const first = order.catchUp(subscribed(4, { messages: [message(3), message(4)], more: true }));
    const last = order.catchUp(subscribed(6, { messages: [message(5), message(6)] }));
    order.release();

    expect([first.outcome, last.outcome]).toEqual(['more', 'caught-up']);
    expect(delivered).toEqual([3, 4, 5, 6, 7]);
  });

  it('says what is lost, once, and goes on from where the topic stands', () => {
    const { order, delivered } = orderAt(5);

    const caught = order.catchUp(subscribed(9, { recovered: false, messages: [] }));
    order.takeLive(message(10));

    expect(caught).toEqual({ outcome: 'lost', last: { epoch: 'a', seq: 5 }, now: { epoch: 'a', seq: 9 } });
    expect(delivered).toEqual([10]);
  });

  it('does not count as lost what it holds', () => {
    const { order, delivered } = orderAt(5);
    order.takeLive(message(8));
    order.takeLive(message(9));

    const caught = order.catchUp(subscribed(9, { recovered: false, messages: [] }));
    order.release();

    expect(caught).toEqual({ outcome: 'lost', last: { epoch: 'a', seq: 5 }, now: { epoch: 'a', seq: 7 } });
    expect(delivered).toEqual([8, 9]);
  });

  it('does not count as lost what came live while the answer was on its way', () => {
    const { order, delivered } = orderAt(5);
    order.startRequest();
    order.takeLive(message(6));
    order.takeLive(message(7));

    const caught = order.catchUp(subscribed(6, { recovered: false, messages: [] }));
    order.takeLive(message(8));

    expect(caught).toEqual({ outcome: 'caught-up' });
    expect(delivered).toEqual([6, 7, 8]);
  });

  it('counts nothing twice when a life began that another answer had told of meanwhile', () => {
    const { order, delivered } = orderAt(9);
    order.startRequest();
    // Requested from seq 9 of epoch a, whatever the epoch is now.
    order.takeLive(message(2, 'b'));
    order.catchUp(subscribed(1, { epoch: 'b', recovered: false, messages: [] }));
    order.release();

    const late = order.catchUp(subscribed(1, { epoch: 'b', recovered: false, messages: [] }));
    order.takeLive(message(2, 'b'));

    expect(late).toEqual({ outcome: 'caught-up' });
    expect(delivered).toEqual([2]);
  });

  it('goes back with a topic that was restored to an earlier state', () => {
    const { order, delivered } = orderAt(5);
    order.startRequest();

    const caught = order.catchUp(subscribed(3, { recovered: false, messages: [] }));
    order.takeLive(message(4));

    expect(caught).toEqual({ outcome: 'lost', last: { epoch: 'a', seq: 5 }, now: { epoch: 'a', seq: 3 } });
    expect(delivered).toEqual([4]);
  });

  it('takes an answer that leads back for a late one, until it comes again and again', () => {
    const { order } = orderAt(5);
    order.startRequest();
    const early = subscribed(3, { recovered: false, messages: [] });
    const inOrder = subscribed(5);

    const isLate = (times: number): boolean[] => Array.from({ length: times }, () => order.isLate(early));

    expect(isLate(2)).toEqual([true, true]);
    expect(order.isLate(inOrder)).toBe(false);
    expect(isLate(BOUNDS.LATE_ANSWERS + 1)).toEqual([true, true, true, false]);
  });

  it('takes an answer of the life before for a late one, and none of a life that it was never in', () => {
    const { order } = orderAt(5);
    order.catchUp({ ...subscribed(2, { recovered: false, messages: [] }), epoch: 'b' });

    const lateness = [subscribed(5), subscribed(7, { recovered: false })].map((each) => order.isLate(each));

    expect(lateness).toEqual([true, true]);
    expect(
      [
        { ...subscribed(1), epoch: 'c' },
        { ...subscribed(3), epoch: 'b' },
      ].map((each) => order.isLate(each)),
    ).toEqual([false, false]);
  });

  it('does not wait for ever for what a former life still sends', () => {
    const { order } = orderAt(5);
    order.takeLive(message(9, 'former'));

    order.catchUp(subscribed(5));
    const isWholeAtOnce = order.release();
    order.catchUp(subscribed(5));
    const isWholeThen = order.release();

    expect([isWholeAtOnce, isWholeThen]).toEqual([false, true]);
  });

  it('takes the first message of a topic that had none as following on', () => {
    const delivered: unknown[] = [];
    const order = new MessageOrder(({ seq }) => delivered.push(seq));
    order.catchUp({ ...subscribed(0), epoch: null });

    const followed = order.takeLive(message(1, 'new'));

    expect(followed).toBe(true);
    expect(delivered).toEqual([1]);
  });

  it('does not take a message of another epoch as following on', () => {
    const { order, delivered } = orderAt(5);

    const followed = order.takeLive(message(6, 'b'));

    expect(followed).toBe(false);
    expect(delivered).toEqual([]);
  });

  it('passes over own messages that are not sent back, in whichever order their ack comes', () => {
    const { order, delivered } = orderAt(5);

    order.skipOwn({ epoch: 'a', seq: 6 });
    order.takeLive(message(7));
    const beforeItsAck = order.takeLive(message(9));
    order.skipOwn({ epoch: 'a', seq: 8 });

    expect(beforeItsAck).toBe(false);
    expect(delivered).toEqual([7, 9]);
    expect(order.position).toEqual({ epoch: 'a', seq: 9 });
  });

  it('does not deliver an own message that a catch-up brings after all', () => {
    const { order, delivered } = orderAt(5);
    order.skipOwn({ epoch: 'a', seq: 7 });

    order.catchUp(subscribed(8, { messages: [message(6), message(7), message(8)] }));

    expect(delivered).toEqual([6, 8]);
  });

  it('holds no more than its bound, and asks for what it had to let go', () => {
    const { order, delivered } = orderAt(0);
    const tooMany = BOUNDS.BUFFERED_MESSAGES + 1;
    for (let seq = 2; seq <= tooMany + 1; seq += 1) order.takeLive(message(seq));

    order.catchUp(subscribed(1, { messages: [message(1)] }));
    const isWhole = order.release();

    expect(delivered).toHaveLength(BOUNDS.BUFFERED_MESSAGES + 1);
    expect(isWhole).toBe(false);
  });
});
