import { createEnds, hasEnded, REMEMBERED_ENDS, withoutEnded } from '../../../../../shared/fanout/deliver/token-end.ts';

const NOW = 1_000;
const ref = (connectionId: string, tokenEnd?: number) => ({
  connectionId,
  connectedAt: 0,
  ...(tokenEnd === undefined ? {} : { tokenEnd }),
});

describe('the end of a token', () => {
  it.each([
    [undefined, false],
    [NOW + 1, false],
    [NOW, true],
    [NOW - 1, true],
  ])('has come for an end at %p: %p', (tokenEnd, ended) => {
    expect(hasEnded({ tokenEnd }, NOW)).toBe(ended);
  });

  it('takes subscribers off each topic, and leaves lists without such a one as they are', () => {
    const [live, over] = [ref('a'), ref('b', NOW)];
    const untouched = new Map([['t', [live]]]);

    expect(withoutEnded(untouched, NOW).live).toBe(untouched);
    expect(
      withoutEnded(
        new Map([
          ['t', [live, over]],
          ['u', [over]],
        ]),
        NOW,
      ),
    ).toEqual({
      live: new Map([
        ['t', [live]],
        ['u', []],
      ]),
      ended: [over, over],
    });
  });

  it('is recorded once for each connection, and again after a failure', async () => {
    const noted: string[] = [];
    const failures: string[] = [];
    let isDown = true;
    const end = createEnds({
      note: async ({ connectionId }) => {
        noted.push(connectionId);
        if (isDown && connectionId === 'b') throw new Error('down');
      },
      onFailure: ({ connectionId }) => failures.push(connectionId),
    });

    await end([ref('a'), ref('b'), ref('a')]);
    isDown = false;
    await end([ref('a'), ref('b')]);
    await end([ref('a'), ref('b')]);

    expect(noted).toEqual(['a', 'b', 'b']);
    expect(failures).toEqual(['b']);
  });

  it('is remembered of a bounded number of connections', async () => {
    const noted: string[] = [];
    const end = createEnds({ note: async ({ connectionId }) => void noted.push(connectionId), onFailure: () => {} });
    const many = Array.from({ length: REMEMBERED_ENDS + 1 }, (_, index) => ref(`c${index}`));

    await end(many);
    await end(many.slice(0, 2));

    expect(noted).toHaveLength(many.length + 2);
  });
});
