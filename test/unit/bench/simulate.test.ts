import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { createRateLimit, deliverOnce } from '../../../bench/simulate/deliver-once.ts';
import { EventQueue } from '../../../bench/simulate/event-queue.ts';
import { DEFAULTS, readParameters } from '../../../bench/simulate/parameters.ts';
import { simulate, simulateRow } from '../../../bench/simulate/simulate.ts';
import { subscribeStorm } from '../../../bench/simulate/subscribe-storm.ts';
import { listReadUnits, sustained } from '../../../bench/simulate/sustained.ts';
import { scalingTables } from '../../../bench/simulate/tables.ts';
import { readDocument } from '../../docs/markdown.ts';

/** The parameters without jitter: every answer takes exactly its time. */
const EXACT = { ...DEFAULTS, postJitter: 0 };
const NO_LIMIT = 1e12;

describe('the queue of events', () => {
  it('gives the earliest first, whatever the order in which they came', () => {
    const slots = fc.array(
      fc.record({ atMs: fc.integer({ min: 0, max: 50 }), worker: fc.integer({ min: 0, max: 5 }) }),
    );

    fc.assert(
      fc.property(slots, (all) => {
        const queue = new EventQueue();
        for (const slot of all) queue.push(slot);
        const given = all.map(() => queue.pop());
        expect(given).toEqual(all.toSorted((a, b) => a.atMs - b.atMs || a.worker - b.worker));
        expect(queue.pop()).toBeUndefined();
      }),
    );
  });
});

describe('the quota of posts', () => {
  it('lets the burst through at once, and after it one each interval', () => {
    // 1,000 a second with a burst of 5: five at 0, then one each millisecond.
    const limit = createRateLimit(1_000, 5);

    const admitted = Array.from({ length: 9 }, () => limit.admit(0));
    expect(admitted.map((atMs) => Math.round(atMs))).toEqual([0, 0, 0, 0, 0, 0, 1, 2, 3]);
  });

  it('never lets more through in any time than the burst and the rate', () => {
    const calls = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 200 });

    fc.assert(
      fc.property(calls, fc.integer({ min: 1, max: 20 }), (pauses, burst) => {
        const limit = createRateLimit(500, burst);
        let nowMs = 0;
        const admitted = pauses.map((pause) => limit.admit((nowMs += pause)));
        admitted.forEach((fromMs, from) => {
          const spanMs = (admitted.at(-1) ?? 0) - fromMs;
          expect(admitted.length - from).toBeLessThanOrEqual(burst + 2 + spanMs / 2);
        });
      }),
    );
  });
});

describe('one message to everyone', () => {
  it('takes the pick-up, the listing and every post, one after another where one is under way', () => {
    // 125 + 15 ms before, 1 ms for 100 keys, then 100 × (0.02 + 10) ms.
    const parameters = { ...EXACT, postsInFlight: 1 };

    const lastMs = deliverOnce(parameters, { subscribers: 100, shards: 1, postsPerSecond: NO_LIMIT });
    expect(lastMs).toBeCloseTo(125 + 15 + 1 + 100 * 10.02, 6);
  });

  it('takes as many rounds as there are shards for each worker', () => {
    // 4 shards of 1, 2 workers: two rounds of 10.02 ms and 0.01 ms for the list, with a call of 15 ms before each.
    const parameters = { ...EXACT, workers: 2 };

    const lastMs = deliverOnce(parameters, { subscribers: 4, shards: 4, postsPerSecond: NO_LIMIT });
    expect(lastMs).toBeCloseTo(125 + 15 + 2 * (15 + 0.01 + 10.02), 6);
  });

  it('waits for the quota where that is what binds', () => {
    // 100,000 posts at 10,000 a second after a burst of 5,000: 9.5 s, and little else.
    const lastMs = deliverOnce(DEFAULTS, { subscribers: 100_000, shards: 64, postsPerSecond: 10_000 });

    expect(lastMs).toBeGreaterThan(9_500);
    expect(lastMs).toBeLessThan(9_500 + 300);
  });

  it('is the same each time, and another with another seed', () => {
    const audience = { subscribers: 5_000, shards: 4, postsPerSecond: 100_000 };

    expect(deliverOnce(DEFAULTS, audience)).toBe(deliverOnce(DEFAULTS, audience));
    expect(deliverOnce({ ...DEFAULTS, seed: 2 }, audience)).not.toBe(deliverOnce(DEFAULTS, audience));
  });

  it('never takes longer under a larger quota', () => {
    const rate = fc.integer({ min: 100, max: 100_000 });

    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_000 }), rate, rate, (subscribers, a, b) => {
        const at = (postsPerSecond: number) => deliverOnce(EXACT, { subscribers, shards: 2, postsPerSecond });
        return at(Math.max(a, b)) <= at(Math.min(a, b)) + 1e-6;
      }),
      { numRuns: 50 },
    );
  });
});

describe('what a topic sustains', () => {
  it('is the quota over its subscribers, times what a frame carries', () => {
    const audience = { subscribers: 100_000, shards: 64, postsPerSecond: 10_000 };

    expect(sustained(DEFAULTS, audience, 1)).toEqual({ binds: 'posts/s of the account', perSecond: 0.1 });
    expect(sustained(DEFAULTS, audience, 91).perSecond).toBeCloseTo(9.1, 9);
  });

  it('is one write unit after the other where nobody listens', () => {
    const audience = { subscribers: 1, shards: 1, postsPerSecond: NO_LIMIT };

    expect(sustained(DEFAULTS, audience, 91)).toEqual({ binds: 'writes of the topic’s head', perSecond: 1_000 });
  });

  it('is bound by one key of the index if the topic has but one', () => {
    // A million items of 100 bytes: 24,415 steps of 4 KB at half a unit. 3,000 units a second list them every 4 s.
    expect(listReadUnits(DEFAULTS, 1_000_000)).toBe(12_207.5);
    const alone = { subscribers: 1_000_000, shards: 1, postsPerSecond: NO_LIMIT };
    const parameters = { ...DEFAULTS, postRoundTripMs: 1e-6, cpuPerPostMicroseconds: 1e-6, queryMsPer1000: 1e-6 };

    expect(sustained(parameters, alone, 91).binds).toBe('reads of one key of the index');
  });
});

describe('everyone at once', () => {
  it('comes as fast as the account lets connections in', () => {
    expect(subscribeStorm(DEFAULTS, 1_000_000, 500)).toMatchObject({
      seconds: 2_000,
      binds: 'new connections/s of the account',
    });
  });

  it('comes as fast as the index is written, where the rest is raised', () => {
    const parameters = { ...DEFAULTS, tableWriteUnitsPerSecond: 1e6 };

    expect(subscribeStorm(parameters, 100_000, 5_000)).toMatchObject({
      seconds: 100,
      binds: 'writes of one key of the index',
    });
  });
});

describe('the simulation', () => {
  it('says what a million wait for, and that one invocation has no time for them under the default quota', () => {
    const row = simulateRow(DEFAULTS, 1_000_000, 10_000);

    expect(row).toMatchObject({
      shards: 512,
      lambdas: DEFAULTS.workers + 1,
      binds: 'posts/s of the account',
      isInTime: false,
    });
    expect(row.needed.postsPerSecond).toBeGreaterThan(500_000);
  });

  it('has no more workers than the account has Lambdas for', () => {
    const few = simulateRow({ ...DEFAULTS, lambdaConcurrency: 5 }, 100_000, 100_000);

    expect(few.lambdas).toBe(5);
    expect(few.lastDeliveryMs).toBeGreaterThan(simulateRow(DEFAULTS, 100_000, 100_000).lastDeliveryMs);
  });

  it('stands in docs/scaling.md as it is now', () => {
    const document = readDocument('docs/scaling.md');

    for (const table of scalingTables(simulate(DEFAULTS))) expect(document).toContain(table);
  });
});

describe('the parameters of a results file', () => {
  it('take the place of the defaults', () => {
    const read = readParameters('{"parameters": {"cpuPerPostMicroseconds": 350}}');

    expect(read).toEqual({ ...DEFAULTS, cpuPerPostMicroseconds: 350 });
  });

  it.each([
    ['{}', 'no "parameters"'],
    ['[]', 'no "parameters"'],
    ['{"parameters": {"cpu": 1}}', 'no parameter cpu'],
    ['{"parameters": {"workers": 0}}', 'workers must be a number above 0'],
    ['{"parameters": {"workers": "16"}}', 'workers must be a number above 0'],
  ])('are refused as %s', (json, reason) => {
    expect(() => readParameters(json)).toThrow(reason);
  });

  it('reach the command, which prints one line of JSON', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'distributary-simulate-'));
    try {
      const file = join(directory, 'results.json');
      writeFileSync(file, '{"parameters": {"workers": 2}}');
      const args = ['bench/simulate/main.ts', '--json', '--parameters', file];
      const { stdout } = await promisify(execFile)(process.execPath, args);

      const said: { bench: string; parameters: { workers: number }; rows: readonly unknown[] } = JSON.parse(stdout);
      expect(said).toMatchObject({ bench: 'simulate', parameters: { workers: 2 } });
      expect(said.rows).toHaveLength(8);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
