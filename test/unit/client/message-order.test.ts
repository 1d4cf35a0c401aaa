import * as BOUNDS from '../../../client/src/bounds.ts';
import { MessageOrder } from '../../../client/src/message-order.ts';

const message = (seq: number, epoch = 'a') =>
  ({ type: 'message', topic: 't', epoch, seq, data: seq, publishedAt: '' }) as const;

const subscribed = (seq: number, rest: object = {}) =>
  ({ type: 'subscribed', topic: 't', epoch: 'a', seq, recovered: true, ...rest }) as const;

function orderAt(seq: number) {
  const delivered: unknown[] = [];
  const order = new MessageOrder(({ data }) => delivered.push(data));
  order.caughtUp(subscribed(seq));
  return { order, delivered };
}

describe('the order of the messages of a topic', () => {
  it('delivers what follows on and drops what was there already', () => {
    const { order, delivered } = orderAt(5);

    const followed = [message(6), message(6), message(5), message(7)].map((each) => order.live(each));

    expect(followed).toEqual([true, true, true, true]);
    expect(delivered).toEqual([6, 7]);
  });

  it('holds back what comes after a hole, and delivers it in order when the hole is filled', () => {
    const { order, delivered } = orderAt(5);

    const followed = [message(8), message(7)].map((each) => order.live(each));
    order.caughtUp(subscribed(6, { messages: [message(6)] }));
    const isWhole = order.release();

    expect(followed).toEqual([false, false]);
    expect(isWhole).toBe(true);
    expect(delivered).toEqual([6, 7, 8]);
  });

  it('joins an answer of several frames with what came live in the meantime', () => {
    const { order, delivered } = orderAt(2);

    order.live(message(7));
    const first = order.caughtUp(subscribed(4, { messages: [message(3), message(4)], more: true }));
    const last = order.caughtUp(subscribed(6, { messages: [message(5), message(6)] }));
    order.release();

    expect([first.outcome, last.outcome]).toEqual(['more', 'caught-up']);
    expect(delivered).toEqual([3, 4, 5, 6, 7]);
  });

  it('says what is lost, once, and goes on from where the topic stands', () => {
    const { order, delivered } = orderAt(5);

    const caught = order.caughtUp(subscribed(9, { recovered: false, messages: [] }));
    order.live(message(10));

    expect(caught).toEqual({ outcome: 'lost', last: { epoch: 'a', seq: 5 }, now: { epoch: 'a', seq: 9 } });
    expect(delivered).toEqual([10]);
  });

  it('does not count as lost what it holds', () => {
    const { order, delivered } = orderAt(5);
    order.live(message(8));
    order.live(message(9));

    const caught = order.caughtUp(subscribed(9, { recovered: false, messages: [] }));
    order.release();

    expect(caught).toEqual({ outcome: 'lost', last: { epoch: 'a', seq: 5 }, now: { epoch: 'a', seq: 7 } });
    expect(delivered).toEqual([8, 9]);
  });

  it('does not count as lost what came live while the answer was on its way', () => {
    const { order, delivered } = orderAt(5);
    order.ask();
    order.live(message(6));
    order.live(message(7));

    const caught = order.caughtUp(subscribed(6, { recovered: false, messages: [] }));
    order.live(message(8));

    expect(caught).toEqual({ outcome: 'caught-up' });
    expect(delivered).toEqual([6, 7, 8]);
  });

  it('counts nothing twice when a life began that another answer had told of meanwhile', () => {
    const { order, delivered } = orderAt(9);
    order.ask();
    // Asked for from a 9, in whichever life the topic is now.
    order.live(message(2, 'b'));
    order.caughtUp(subscribed(1, { epoch: 'b', recovered: false, messages: [] }));
    order.release();

    const late = order.caughtUp(subscribed(1, { epoch: 'b', recovered: false, messages: [] }));
    order.live(message(2, 'b'));

    expect(late).toEqual({ outcome: 'caught-up' });
    expect(delivered).toEqual([2]);
  });

  it('goes back with a topic that was restored to an earlier state', () => {
    const { order, delivered } = orderAt(5);
    order.ask();

    const caught = order.caughtUp(subscribed(3, { recovered: false, messages: [] }));
    order.live(message(4));

    expect(caught).toEqual({ outcome: 'lost', last: { epoch: 'a', seq: 5 }, now: { epoch: 'a', seq: 3 } });
    expect(delivered).toEqual([4]);
  });

  it('takes an answer that leads back for a late one, until it comes again and again', () => {
    const { order } = orderAt(5);
    order.ask();
    const early = subscribed(3, { recovered: false, messages: [] });
    const inOrder = subscribed(5);

    const isLate = (times: number): boolean[] => Array.from({ length: times }, () => order.isLate(early));

    expect(isLate(2)).toEqual([true, true]);
    expect(order.isLate(inOrder)).toBe(false);
    expect(isLate(BOUNDS.LATE_ANSWERS + 1)).toEqual([true, true, true, false]);
  });

  it('takes an answer of the life before for a late one, and none of a life that it was never in', () => {
    const { order } = orderAt(5);
    order.caughtUp({ ...subscribed(2, { recovered: false, messages: [] }), epoch: 'b' });

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
    order.live(message(9, 'former'));

    order.caughtUp(subscribed(5));
    const isWholeAtOnce = order.release();
    order.caughtUp(subscribed(5));
    const isWholeThen = order.release();

    expect([isWholeAtOnce, isWholeThen]).toEqual([false, true]);
  });

  it('takes the first message of a topic that had none as following on', () => {
    const delivered: unknown[] = [];
    const order = new MessageOrder(({ seq }) => delivered.push(seq));
    order.caughtUp({ ...subscribed(0), epoch: null });

    const followed = order.live(message(1, 'new'));

    expect(followed).toBe(true);
    expect(delivered).toEqual([1]);
  });

  it('does not take a message of another epoch as following on', () => {
    const { order, delivered } = orderAt(5);

    const followed = order.live(message(6, 'b'));

    expect(followed).toBe(false);
    expect(delivered).toEqual([]);
  });

  it('passes over own messages that are not sent back, in whichever order their ack comes', () => {
    const { order, delivered } = orderAt(5);

    order.own({ epoch: 'a', seq: 6 });
    order.live(message(7));
    const beforeItsAck = order.live(message(9));
    order.own({ epoch: 'a', seq: 8 });

    expect(beforeItsAck).toBe(false);
    expect(delivered).toEqual([7, 9]);
    expect(order.position).toEqual({ epoch: 'a', seq: 9 });
  });

  it('does not deliver an own message that a catch-up brings after all', () => {
    const { order, delivered } = orderAt(5);
    order.own({ epoch: 'a', seq: 7 });

    order.caughtUp(subscribed(8, { messages: [message(6), message(7), message(8)] }));

    expect(delivered).toEqual([6, 8]);
  });

  it('holds no more than its bound, and asks for what it had to let go', () => {
    const { order, delivered } = orderAt(0);
    const tooMany = BOUNDS.HELD_MESSAGES + 1;
    for (let seq = 2; seq <= tooMany + 1; seq += 1) order.live(message(seq));

    order.caughtUp(subscribed(1, { messages: [message(1)] }));
    const isWhole = order.release();

    expect(delivered).toHaveLength(BOUNDS.HELD_MESSAGES + 1);
    expect(isWhole).toBe(false);
  });
});
