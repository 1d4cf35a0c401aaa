import { takeFromBucket } from '../../../../shared/store/shared-bucket.ts';
import { intercept } from '../../../helpers/intercept.ts';
import { scan, startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

const NOW_US = Date.UTC(2026, 10, 29) * 1_000;
const COST_US = 10_000;
const BURST_US = 40 * COST_US;

let engine: StoreEngine;
let keys = 0;

beforeAll(async () => {
  engine = await startStoreEngine();
});

afterAll(() => engine.stop());

const newKey = (): string => `connection#C${(keys += 1)}=#frames`;

const take = (key: string, { nowUs = NOW_US, costUs = COST_US, owedUs = 0 } = {}) =>
  takeFromBucket(
    { client: engine.client, keysTable: TABLE_NAMES.keys },
    { key, costUs, burstUs: BURST_US, nowUs, owedUs, knownUs: undefined },
  );

describe('a shared bucket', () => {
  it('gives exactly its burst to many that ask at once', async () => {
    const key = newKey();

    const states = await Promise.all(Array.from({ length: 100 }, () => take(key)));

    expect(states.filter(({ isTaken }) => isTaken)).toHaveLength(40);
    const refused = states.filter(({ isTaken }) => !isTaken);
    expect(new Set(refused.map(({ fillUs }) => fillUs))).toEqual(new Set([NOW_US + BURST_US]));
  });

  it('refills at its rate, and is full again after a burst', async () => {
    const key = newKey();
    await take(key, { costUs: BURST_US });

    expect(await take(key, { nowUs: NOW_US + COST_US - 1 })).toMatchObject({ isTaken: false });
    expect(await take(key, { nowUs: NOW_US + COST_US })).toMatchObject({ isTaken: true });
    const laterUs = NOW_US + 10 * BURST_US;
    expect(await take(key, { nowUs: laterUs, costUs: BURST_US })).toEqual({
      isTaken: true,
      fillUs: laterUs + BURST_US,
    });
  });

  it('costs one call when its state is known, and one more for a wrong belief', async () => {
    const key = newKey();
    const client = engine.newClient();
    let calls = 0;
    intercept(client, async ({ proceed }) => {
      calls += 1;
      return proceed();
    });
    const use = (knownUs: number | undefined, nowUs = NOW_US) =>
      takeFromBucket(
        { client, keysTable: TABLE_NAMES.keys },
        { key, costUs: COST_US, owedUs: 0, burstUs: BURST_US, nowUs, knownUs },
      );

    const { fillUs } = await use(undefined);
    expect(calls).toBe(1);
    await use(fillUs);
    expect(calls).toBe(2);
    await use(undefined);
    expect(calls).toBe(4);
    await use(fillUs, NOW_US + BURST_US);
    expect(calls).toBe(5);
  });

  it('adds what is owed to a use that it gives, and lets it fill past the burst', async () => {
    const key = newKey();
    await take(key, { costUs: 39 * COST_US });

    expect(await take(key, { owedUs: 10 * COST_US })).toMatchObject({ isTaken: true });
    expect(await take(key, { nowUs: NOW_US + 11 * COST_US - 1 })).toMatchObject({ isTaken: false });
    expect(await take(key, { nowUs: NOW_US + 11 * COST_US })).toMatchObject({ isTaken: true });
  });

  it('expires a while after it has run empty', async () => {
    const key = newKey();
    await take(key);

    const [item] = await scan(engine, TABLE_NAMES.keys, ({ id }) => id?.S === `@rate#${key}`);

    const endSeconds = Math.ceil((NOW_US + 2 * BURST_US) / 1e6);
    expect(Number(item?.['expiresAt']?.N)).toBeGreaterThanOrEqual(endSeconds);
    expect(Number(item?.['expiresAt']?.N)).toBeLessThanOrEqual(endSeconds + 60);
  });
});
