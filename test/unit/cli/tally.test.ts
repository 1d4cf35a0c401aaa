import { add, NOTHING, tallyOf } from '../../../cli/replay/tally.ts';

describe('the tally of a replay', () => {
  it('ascribes what a connection did not take to its last answer, so that the parts always add up to what was due', () => {
    const due = new Map([
      ['all', 5],
      ['half, then throttled', 4],
      ['gone at once', 3],
      ['one refused', 2],
      ['silent', 6],
      ['never tried', 1],
    ]);
    const tally = tallyOf(
      5,
      due,
      new Map([
        ['all', { delivered: 5, refused: 0, last: 'delivered' }],
        ['half, then throttled', { delivered: 2, refused: 0, last: 'throttled' }],
        ['gone at once', { delivered: 0, refused: 0, last: 'gone' }],
        ['one refused', { delivered: 1, refused: 1, last: 'delivered' }],
        ['silent', { delivered: 0, refused: 0, last: 'unanswered' }],
      ]),
    );

    expect(tally).toEqual({ records: 5, due: 21, delivered: 8, gone: 3, throttled: 2, failed: 8 });
    expect(tally.delivered + tally.gone + tally.throttled + tally.failed).toBe(tally.due);
  });

  it('adds up over runs', () => {
    const run = { records: 1, due: 2, delivered: 1, gone: 1, throttled: 0, failed: 0 };

    expect(add(add(NOTHING, run), run)).toEqual({ records: 2, due: 4, delivered: 2, gone: 2, throttled: 0, failed: 0 });
  });
});
