import { createRateLimiter, type Rate, type TakeRate } from '../../../../shared/rates/rate-limiter.ts';
import type { BucketState, BucketUse } from '../../../../shared/store/shared-bucket.ts';

const RATE: Rate = { units: 10, periodMs: 1_000, burstMs: 10_000 };
const BURST = 100;

/** The shared bucket in memory, and warm Lambdas that count in it, all by one clock that stands still. */
class World {
  nowMs = 1_800_000_000_000;
  calls = 0;
  isDown = false;
  readonly failures: unknown[] = [];
  readonly #fills = new Map<string, number>();

  environment(): TakeRate {
    return createRateLimiter({
      takeShared: (use) => this.#take(use),
      onFailure: (error) => this.failures.push(error),
      now: () => this.nowMs,
    });
  }

  async #take({ key, costUs, owedUs, burstUs, nowUs }: BucketUse): Promise<BucketState> {
    this.calls += 1;
    if (this.isDown) throw new Error('down');
    const fillUs = Math.max(this.#fills.get(key) ?? 0, nowUs) + costUs;
    if (fillUs > nowUs + burstUs) return { isTaken: false, fillUs: fillUs - costUs };
    this.#fills.set(key, fillUs + owedUs);
    return { isTaken: true, fillUs: fillUs + owedUs };
  }
}

const use = (units = 1, key = 'C1=') => ({ key, rate: RATE, units });

/** Takes one unit at a time from each environment in turn. Resolves to how many were taken. */
async function takeMany(environments: readonly TakeRate[], times: number): Promise<number> {
  let taken = 0;
  for (let index = 0; index < times; index++) {
    if ((await environments[index % environments.length]?.(use())) === 0) taken += 1;
  }
  return taken;
}

describe('the rate limiter of a warm Lambda', () => {
  it('makes no call for a holder that stays within a quarter of its limit', async () => {
    const world = new World();
    const environment = world.environment();

    expect(await takeMany([environment], BURST / 4)).toBe(BURST / 4);
    for (let second = 0; second < 600; second++) {
      world.nowMs += 1_000;
      expect(await takeMany([environment], 2)).toBe(2);
    }

    expect(world.calls).toBe(0);
  });

  it('takes a burst, and no more until a part of it is there again', async () => {
    const world = new World();
    const environment = world.environment();

    expect(await takeMany([environment], BURST)).toBe(BURST);
    expect(await environment(use())).toBe(100);
    world.nowMs += 99;
    expect(await environment(use())).not.toBe(0);
    world.nowMs += 1;
    expect(await environment(use())).toBe(0);
  });

  it('tells each refused use a later time, so that those who wait as told are taken one after the other', async () => {
    const world = new World();
    const environment = world.environment();
    await takeMany([environment], BURST);
    const beganMs = world.nowMs;

    const pauses = await Array.fromAsync(Array.from({ length: 5 }), () => environment(use()));

    expect(pauses).toEqual([100, 500, 900, 1_300, 1_700]);
    for (const pauseMs of pauses) {
      world.nowMs = beganMs + pauseMs;
      expect(await environment(use())).toBe(0);
    }
  });

  it('tells no use a pause longer than a burst, and the shortest again once the line is empty', async () => {
    const world = new World();
    const environment = world.environment();
    await takeMany([environment], BURST);
    await takeMany([environment], 10 * BURST);

    expect(await environment(use())).toBe(10_000);

    world.nowMs += 10_000;
    await takeMany([environment], BURST);
    expect(await environment(use())).toBe(100);
  });

  it('refuses a holder again and again without a call until its time', async () => {
    const world = new World();
    const environment = world.environment();
    await takeMany([environment], BURST + 1);
    const before = world.calls;

    await takeMany([environment], 1_000);

    expect(world.calls).toBe(before);
  });

  it.each([1, 2, 4, 10])('holds a flood over %i warm Lambdas to its limit', async (count) => {
    const world = new World();
    const environments = Array.from({ length: count }, () => world.environment());
    const seconds = 60;

    let taken = 0;
    for (let tick = 0; tick < seconds * 10; tick++) {
      taken += await takeMany(environments, 20);
      world.nowMs += 100;
    }

    // Before the first call each Lambda has let a quarter of the burst through, and a little that was refilled meanwhile.
    const unshared = (BURST / 4) * count;
    expect(taken).toBeGreaterThanOrEqual(RATE.units * seconds);
    expect(taken).toBeLessThanOrEqual(RATE.units * seconds + Math.max(BURST, unshared) + 3 * count);
  });

  it('counts each holder alone', async () => {
    const environment = new World().environment();
    await takeMany([environment], BURST + 1);

    expect(await environment(use(1, 'C2='))).toBe(0);
  });

  it('takes a use that is larger than the burst when the bucket is empty, since it would be refused for ever', async () => {
    const world = new World();
    const environment = world.environment();

    expect(await environment(use(BURST * 5))).toBe(0);
    expect(await environment(use(BURST * 5))).toBe(10_000);
    world.nowMs += 10_000;
    expect(await environment(use(BURST * 5))).toBe(0);
  });

  it('refuses nobody, and reports it, when the shared bucket cannot be reached', async () => {
    const world = new World();
    world.isDown = true;
    const environment = world.environment();

    expect(await takeMany([environment], BURST)).toBe(BURST);
    expect(world.failures).toHaveLength(BURST - BURST / 4);
  });

  it('forgets the holder that was seen longest ago past 10,000 of them', async () => {
    const world = new World();
    const environment = world.environment();
    await takeMany([environment], BURST + 1);
    for (let index = 0; index < 9_999; index++) await environment(use(1, `other-${index}`));
    expect(await environment(use())).toBeGreaterThan(0);

    for (let index = 0; index < 10_000; index++) await environment(use(1, `another-${index}`));

    const before = world.calls;
    expect(await environment(use())).toBe(0);
    expect(world.calls).toBe(before);
  });
});
