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

describe('the order of a topic that keeps its last value only', () => {
  const state = (seq: number, rest: object = {}) => subscribed(seq, { lastValueOnly: true, messages: [], ...rest });

  it('takes the newest message for all that was missed, and goes on behind it', () => {
    const { order, delivered } = orderAt(5);

    order.takeLive(message(9));
    const answer = state(8, { messages: [message(8)] });
    const outcome = [order.hasHole(answer), order.catchUp(answer), order.release()];

    expect(outcome).toEqual([false, { outcome: 'caught-up' }, true]);
    expect([delivered, order.position]).toEqual([[8, 9], { epoch: 'a', seq: 9 }]);
  });

  it('takes it in a new epoch too, and nothing twice', () => {
    const { order, delivered } = orderAt(5);

    order.catchUp(state(2, { epoch: 'b', messages: [message(2, 'b')] }));
    order.catchUp(state(2, { epoch: 'b', messages: [message(2, 'b')] }));
    order.takeLive(message(3, 'b'));

    expect(delivered).toEqual([2, 3]);
  });

  it('drops an answer that live messages have overtaken', () => {
    const { order, delivered } = orderAt(5);

    order.startRequest();
    order.takeLive(message(6));
    order.catchUp(state(5));

    expect([delivered, order.position]).toEqual([[6], { epoch: 'a', seq: 6 }]);
  });

  it('believes an earlier position only after several answers: the topic was restored', () => {
    const { order, delivered } = orderAt(5);
    order.startRequest();
    const answer = state(3, { messages: [message(3)] });

    const late = Array.from({ length: BOUNDS.LATE_ANSWERS + 1 }, () => order.isLate(answer));
    order.catchUp(answer);

    expect(late).toEqual([...Array.from({ length: BOUNDS.LATE_ANSWERS }, () => true), false]);
    expect([delivered, order.position]).toEqual([[3], { epoch: 'a', seq: 3 }]);
  });

  it('loses what the server does not send', () => {
    const { order } = orderAt(5);

    expect(order.catchUp(subscribed(9, { recovered: false, messages: [] })).outcome).toBe('lost');
  });
});
