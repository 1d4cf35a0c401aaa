import { createWakeWorth } from '../../../../local/streams/poll-pace.ts';

const WRITER = 'arn:aws:lambda:us-east-1:000000000000:function:writer';
const READER = 'arn:aws:lambda:us-east-1:000000000000:function:reader';

describe('createWakeWorth', () => {
  it('takes a function that it does not know for one that writes', () => {
    const worth = createWakeWorth(2);

    expect(worth.note(WRITER)).toBe(true);
  });

  it('no longer wakes for a function after whose invocations so many polls found nothing', () => {
    const worth = createWakeWorth(2);

    const answers = Array.from({ length: 3 }, () => {
      const isWorth = worth.note(READER);
      worth.begin()(false);
      return isWorth;
    });

    expect(answers).toEqual([true, true, false]);
  });

  it('wakes for it again as soon as a poll after one of its invocations finds something', () => {
    const worth = createWakeWorth(1);
    worth.note(READER);
    worth.begin()(false);
    worth.note(READER);

    worth.begin()(true);

    expect(worth.note(READER)).toBe(true);
  });

  it('does not hold an empty poll against a function that ended while it was under way', () => {
    const worth = createWakeWorth(1);
    const learn = worth.begin();
    worth.note(WRITER);

    learn(false);

    expect(worth.note(WRITER)).toBe(true);
  });

  it('judges each function by itself', () => {
    const worth = createWakeWorth(1);
    worth.note(READER);
    worth.begin()(false);

    expect([worth.note(READER), worth.note(WRITER)]).toEqual([false, true]);
  });
});
