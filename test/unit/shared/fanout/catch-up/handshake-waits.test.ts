import {
  createHandshakeWaits,
  HANDSHAKE_ATTEMPTS,
  HANDSHAKE_BUDGET_MS,
  HANDSHAKE_CONNECTIONS,
  HANDSHAKE_PAUSE_MS,
  HANDSHAKE_SHARE,
} from '../../../../../shared/fanout/catch-up/handshake-waits.ts';

/** Waits whose clock moves as the test says. */
function createClocked() {
  let nowMs = 0;
  const waits = createHandshakeWaits(() => nowMs);
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  /** Returns the number of waits that one connection gets, taken one after another. */
  const takeAll = (connectionId: string): number => {
    let taken = 0;
    while (waits.take(connectionId)) taken += 1;
    return taken;
  };
  return { ...waits, pass, takeAll };
}

describe('waits for handshakes', () => {
  it('are so many for one connection, and no more later', () => {
    const waits = createClocked();

    const first = waits.takeAll('a');
    waits.pass(60_000);

    expect([first, waits.takeAll('a')]).toEqual([HANDSHAKE_ATTEMPTS, 0]);
  });

  it('end for all when their time is used up, so that many who never come hold up nobody for long', () => {
    const waits = createClocked();

    const taken = Array.from({ length: 1_000 }, (_, i) => waits.takeAll(`c${i}`)).reduce((sum, each) => sum + each);

    expect(taken).toBe(HANDSHAKE_BUDGET_MS / HANDSHAKE_PAUSE_MS);
  });

  it('get back a share of the time that passes, and never more than their whole', () => {
    const waits = createClocked();
    for (let i = 0; i < 1_000; i += 1) waits.takeAll(`c${i}`);

    waits.pass(10 * (HANDSHAKE_PAUSE_MS / HANDSHAKE_SHARE));
    const some = waits.takeAll('some');
    waits.pass(3_600_000);
    const all = Array.from({ length: 1_000 }, (_, i) => waits.takeAll(`d${i}`)).reduce((sum, each) => sum + each);

    expect([some, all]).toEqual([10, HANDSHAKE_BUDGET_MS / HANDSHAKE_PAUSE_MS]);
  });

  it('are remembered of only so many connections: the one waited for longest ago is forgotten', () => {
    const waits = createClocked();
    waits.takeAll('first');
    for (let i = 0; i < HANDSHAKE_CONNECTIONS - 1; i += 1) {
      waits.pass(1_000);
      waits.take(`c${i}`);
    }
    const remembered = waits.takeAll('first');
    waits.pass(1_000);

    waits.take('one more');

    expect(remembered).toBe(0);
    waits.pass(60_000);
    expect(waits.takeAll('first')).toBe(HANDSHAKE_ATTEMPTS);
  });
});
