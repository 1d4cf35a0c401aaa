import * as BOUNDS from '../../../client/src/bounds.ts';
import { sleepAwareClock } from '../../../client/src/sleep-aware-clock.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import { FakeSockets } from '../../helpers/fake-sockets.ts';
import { TestClock } from '../../helpers/test-clock.ts';
import { codesOf } from '../../helpers/publishing-scene.ts';

const MINUTE_MS = 60_000;

/** A client whose device sleeps: then its clock and timers stand still, and only the time of day goes on. */
function sleepingDevice() {
  const fake = new FakeSockets();
  let sleptMs = 0;
  const { rt, socket } = fake.online({ wallClock: () => fake.clock.now() + sleptMs });
  const sleep = (ms: number): void => {
    sleptMs += ms;
  };
  return { fake, rt, socket, sleep };
}

describe('a client whose device slept', () => {
  it.each([
    ['a publish', 'publish' as const, 11 * MINUTE_MS],
    ['an increment', 'plus' as const, 11 * MINUTE_MS],
    [
      'a publish, when it slept just as long as a repeat may come',
      'publish' as const,
      BOUNDS.REQUEST_TIMEOUT_MAXIMUM_MS,
    ],
  ])('does not send %s again when the server may have forgotten the key', async (_, action, sleptMs) => {
    const { fake, rt, socket, sleep } = sleepingDevice();
    const settling = codesOf([action === 'plus' ? rt.counter('votes').increment() : rt.publish('news', 1)]);
    const sentBefore = socket.framesOf(action).length;

    sleep(sleptMs);
    socket.cut();
    fake.clock.advance(BOUNDS.RECONNECT_BASE_MS);
    fake.socket.open();

    await expect(settling).resolves.toEqual(['timeout']);
    expect([sentBefore, fake.all.length]).toEqual([1, 2]);
    expect(fake.socket.framesOf(action)).toEqual([]);
    rt.close();
  });

  it('sends again what is young enough, and what never left', async () => {
    const { fake, rt, socket, sleep } = sleepingDevice();
    const published = rt.publish('news', 1);
    socket.cut();
    const later = rt.publish('news', 2, { key: 'later' });

    sleep(8 * MINUTE_MS);
    fake.clock.advance(BOUNDS.RECONNECT_BASE_MS);
    fake.socket.open();

    expect(fake.socket.framesOf('publish')).toMatchObject([{ data: 1 }, { data: 2 }]);
    rt.close();
    await codesOf([published, later]);
  });

  it('does not repeat after a failure of the server, either, what is too old', async () => {
    const { fake, rt, socket, sleep } = sleepingDevice();
    const settling = codesOf([rt.publish('news', 1)]);
    await socket.refuse('unavailable');

    sleep(11 * MINUTE_MS);
    fake.clock.advance(BOUNDS.RETRY_CAP_MS);

    await expect(settling).resolves.toEqual(['timeout']);
    expect(socket.framesOf('publish')).toHaveLength(1);
    rt.close();
  });

  it('pings within a minute when the server may find it idle', () => {
    const { fake, rt, socket, sleep } = sleepingDevice();
    fake.clock.advance(MINUTE_MS);

    sleep(9 * MINUTE_MS);
    fake.clock.advance(BOUNDS.TIMER_SLICE_MS);

    expect(socket.framesOf('ping')).toHaveLength(1);
    rt.close();
  });

  it('has its next connection within a minute when the end of the current one is near', () => {
    const { fake, rt, socket, sleep } = sleepingDevice();
    for (let minute = 0; minute < 60; minute += 1) {
      fake.clock.advance(MINUTE_MS);
      socket.receive({ type: 'pong' });
    }

    for (let nap = 0; nap < 12; nap += 1) {
      sleep(4 * MINUTE_MS);
      socket.receive({ type: 'pong' });
    }
    fake.clock.advance(BOUNDS.TIMER_SLICE_MS);

    expect(fake.all).toHaveLength(2);
    rt.close();
  });
});

describe('the deadlines of a client', () => {
  it('are shorter than those of the server', () => {
    const keyMs = LIMITS.KEY_SECONDS * 1_000;

    expect(BOUNDS.REQUEST_TIMEOUT_MAXIMUM_MS).toBeLessThan(keyMs - BOUNDS.TIMER_SLICE_MS / 2);
    expect(BOUNDS.IDLE_MS * BOUNDS.IDLE_PING_SHARE + BOUNDS.TIMER_SLICE_MS).toBeLessThan(BOUNDS.IDLE_MS);
    expect(BOUNDS.LIFETIME_MS * BOUNDS.RENEW_TO_SHARE + 2 * BOUNDS.TIMER_SLICE_MS).toBeLessThan(BOUNDS.LIFETIME_MS);
  });
});

describe('a clock that knows of sleep', () => {
  it('does not go back with the time of day, and takes small corrections for no sleep', () => {
    const clock = new TestClock();
    let wallMs = 0;
    const { now } = sleepAwareClock(clock, () => wallMs);

    const times = [1_000, -5_000, 900, BOUNDS.SLEEP_MS].map((stepMs) => {
      wallMs += stepMs;
      return now();
    });

    expect(times).toEqual([0, 0, 0, BOUNDS.SLEEP_MS]);
  });

  it('calls back once, after the whole delay, and not after it was cancelled', () => {
    const clock = new TestClock();
    const { after } = sleepAwareClock(clock, clock.now);
    const called: string[] = [];
    after(30 * 24 * 60 * MINUTE_MS, () => called.push('after 30 days'));
    const cancel = after(3 * MINUTE_MS, () => called.push('cancelled'));

    clock.advance(2 * MINUTE_MS);
    cancel();
    clock.advance(30 * 24 * 60 * MINUTE_MS - 2 * MINUTE_MS - 1);
    const before = [...called];
    clock.advance(1);

    expect([before, called, clock.pending]).toEqual([[], ['after 30 days'], 0]);
  });
});
