import { billOf } from '../../../cli/cost/bill.ts';
import type { Load } from '../../../cli/cost/load.ts';
import { peerBills } from '../../../cli/cost/peers.ts';
import { quotasOf } from '../../../cli/cost/quotas.ts';
import { LOAD, MONTH } from '../../helpers/sample-load.ts';

const peer = (load: Load, name: string) => {
  const found = peerBills(load).find((each) => each.name === name);
  if (found === undefined) throw new Error(`no peer ${name}`);
  return found;
};

describe('the same load elsewhere', () => {
  it('is metered by AppSync in steps of 5 KB, with the data that leaves AWS', () => {
    // 20 publishes and 6,000 deliveries a second at 1 USD a million, 2,190 million minutes at 0.08.
    const operations = (6_020 * MONTH) / 1e6;
    const transfer = billOf(LOAD).lines.find(({ service }) => service === 'Data transfer')?.usd ?? Number.NaN;

    expect(peer(LOAD, 'AppSync Events').usd).toBeCloseTo(operations + 2_190 * 0.08 + transfer, 4);
    expect(peer({ ...LOAD, messageBytes: 5_121 }, 'AppSync Events').usd).toBeGreaterThan(2 * operations);
  });

  it('is metered by IoT Core in tiers', () => {
    // 15,820.56 million: 1,000 at 1.00, 4,000 at 0.80, the rest at 0.70.
    const messages = 1_000 + 3_200 + ((6_020 * MONTH) / 1e6 - 5_000) * 0.7;

    expect(peer(LOAD, 'IoT Core').usd).toBeCloseTo(messages + 2_190 * 0.08, 4);
  });

  it('takes the package of Ably that carries it, and says so when none does', () => {
    const small = peer({ ...LOAD, connections: 1_000, publishesPerSecond: 1 }, 'Ably');
    // 301 messages a second at 2.50, 43.8 million minutes at 1.00, and the package.
    expect(small.usd).toBeCloseTo(((301 * MONTH) / 1e6) * 2.5 + 43.8 + 29, 4);
    expect(small.remark).toContain('Standard');
    expect(peer(LOAD, 'Ably').remark).toContain('Pro');
    expect(peer({ ...LOAD, connections: 50_001 }, 'Ably').remark).toContain('No published package');
  });

  it('takes the plan of Pusher that carries it, and no price when none does', () => {
    // 1 publish a second to 10: 11 × 86,400 = 950,400 messages a day.
    const small = { ...LOAD, connections: 500, publishesPerSecond: 1, fanout: 10 };

    expect(peer(small, 'Pusher Channels').usd).toBe(49);
    expect(peer({ ...small, connections: 501 }, 'Pusher Channels').usd).toBe(99);
    expect(peer({ ...small, messageBytes: 10_241 }, 'Pusher Channels').usd).toBeUndefined();
    expect(peer(LOAD, 'Pusher Channels').usd).toBeUndefined();
  });
});

describe('what binds first', () => {
  it('comes first, with its share of the quota', () => {
    const quotas = quotasOf({ ...LOAD, publishesPerSecond: 100, fanout: 90 });

    expect(quotas.map(({ share }) => share)).toEqual(quotas.map(({ share }) => share).toSorted((a, b) => b - a));
    const requests = quotas.find(({ name }) => name.startsWith('API Gateway'));
    // 100 in, 9,000 out, 3 × 50,000 / 6,300 answers, of 10,000.
    expect(requests?.share).toBeCloseTo((9_100 + 150_000 / 6_300) / 10_000, 4);
  });

  it('is the head of a topic when very many publish to few', () => {
    // Two units a publish, of 1,000.
    const [first] = quotasOf({ ...LOAD, connections: 100, publishesPerSecond: 2_000, fanout: 1, messagesPerFrame: 27 });

    expect(first).toMatchObject({ of: 'topic', used: 4_000, allowed: 1_000, share: 4 });
  });

  it('is the rate of the route publish before the stage’s throttle, which holds for each route', () => {
    const quotas = quotasOf({ ...LOAD, publishesPerSecond: 1_500, fanout: 1, messageBytes: 1 });

    expect(quotas.find(({ name }) => name.endsWith('route publish'))).toMatchObject({
      of: 'stage',
      used: 1_500,
      allowed: 1_000,
      share: 1.5,
      remedy: expect.stringContaining('framesPerSecond'),
    });
  });

  it('knows the rate of the route ping for connections that hear nothing', () => {
    // One ping of each connection in 480 s: 500 a second of 240,000 connections.
    const quiet = quotasOf({ ...LOAD, connections: 240_000, publishesPerSecond: 1e-9, fanout: 1 });

    expect(quiet.find(({ name }) => name.endsWith('route ping'))?.share).toBeCloseTo(1, 3);
  });
});
