import fc from 'fast-check';
import { ASSUMPTIONS, TEMPLATE } from '../../../cli/cost/assumptions.ts';
import { type Bill, billOf } from '../../../cli/cost/bill.ts';
import { storedBytes } from '../../../cli/cost/capacity-units.ts';
import { hourlyCost } from '../../../cli/cost/hourly-cost.ts';
import type { Load } from '../../../cli/cost/load.ts';
import { peerBills } from '../../../cli/cost/peers.ts';
import { priceOf } from '../../../cli/cost/price-of.ts';
import { ABLY_PACKAGES, AWS_PRICES, PEER_PRICES, PRICE_LIST, PUSHER_PLANS } from '../../../cli/cost/prices.ts';
import { ratesOfTopics } from '../../../cli/cost/rates-of-topics.ts';
import { usdOfShards } from '../../../cli/cost/shards-cost.ts';
import { LOAD, MONTH } from '../../helpers/sample-load.ts';

const lineOf = ({ lines }: Bill, service: string, item: string) => {
  const line = lines.find((each) => each.service === service && each.item === item);
  if (line === undefined) throw new Error(`no line ${service} ${item}`);
  return line;
};

describe('a price with tiers', () => {
  it('takes each unit at the price of its own tier', () => {
    // The first billion at 1 USD a million, the half billion past it at 0.80: 1,000 + 400.
    expect(priceOf(AWS_PRICES.webSocketMessages, 1.5e9)).toBeCloseTo(1_400, 6);
    // 10,240 GB at 0.09, 40,960 at 0.085, and 1,000 at 0.07.
    expect(priceOf(AWS_PRICES.dataOut, 52_200)).toBeCloseTo(921.6 + 3_481.6 + 70, 6);
    expect(priceOf(AWS_PRICES.dataOut, 0)).toBe(0);
  });

  it('never falls when more is used', () => {
    const price = fc.constantFrom(...Object.values(AWS_PRICES), ...Object.values(PEER_PRICES));
    const much = fc.double({ min: 0, max: 1e12, noNaN: true });

    fc.assert(
      fc.property(price, much, much, (each, a, b) => priceOf(each, Math.min(a, b)) <= priceOf(each, Math.max(a, b))),
    );
  });
});

describe('the price list', () => {
  it('names for every price its source, when it was seen, and how surely', () => {
    const all = [...Object.values(AWS_PRICES), ...Object.values(PEER_PRICES), ABLY_PACKAGES, PUSHER_PLANS];

    for (const { source, seen, certainty } of all) {
      expect(source).toMatch(/^https:\/\/(aws\.amazon|ably|pusher)\.com\//);
      expect(seen).toMatch(/^20\d\d-\d\d$/);
      expect(['published', 'quoted', 'unverified']).toContain(certainty);
    }
    expect(PRICE_LIST.checked).toMatch(/^20\d\d-\d\d-\d\d$/);
  });
});

describe('a month’s bill', () => {
  const bill = billOf(LOAD);

  it('counts connection minutes', () => {
    // 50,000 connections × 730 h × 60 min = 2,190 million, at 0.25 USD a million.
    expect(lineOf(bill, 'API Gateway', 'connections').usd).toBeCloseTo(547.5, 6);
  });

  it('counts every frame both ways', () => {
    // A second: 20 publishes, 20 acks, 20 × 300 deliveries, and 3 answers for each of 50,000 / 6,300 new connections. A
    // connection gets a message every 8.3 s, so hardly one is quiet for the 480 s after which it pings.
    const perSecond = 20 + 20 + 6_000 + (3 * 50_000) / 6_300;
    const { quantity, usd } = lineOf(bill, 'API Gateway', 'messages');

    expect(quantity / (perSecond * MONTH)).toBeCloseTo(1, 9);
    // The first billion at 1.00, the rest at 0.80.
    expect(usd).toBeCloseTo(1_000 + (quantity / 1e6 - 1_000) * 0.8, 6);
  });

  it('counts a message of 28 KB once and never splits what fits one frame', () => {
    const large = billOf({ ...LOAD, messageBytes: 28_672 });

    expect(lineOf(large, 'API Gateway', 'messages').quantity).toBe(lineOf(bill, 'API Gateway', 'messages').quantity);
  });

  it('counts a connection that hears nothing as pinging', () => {
    const quiet = billOf({ ...LOAD, connections: 480, fanout: 1, publishesPerSecond: 1e-9 });
    // 480 connections, one ping each every 480 s, with its pong; and 3 × 480 / 6,300 answers to subscriptions.
    const perSecond = 2 + (3 * 480) / 6_300;

    expect(lineOf(quiet, 'API Gateway', 'messages').quantity / (perSecond * MONTH)).toBeCloseTo(1, 6);
  });

  it('counts the writes of DynamoDB in steps of 1 KB', () => {
    // 1,024 + 250 bytes are 2 units, for the head and again for the archive: 80 a second; a connection writes and deletes
    // its list, 3 subscriptions and 3 entries of the index: 14 for each of 50,000 / 6,300 a second. At 0.625 a million.
    const perSecond = 80 + (14 * 50_000) / 6_300;

    expect(lineOf(bill, 'DynamoDB', 'writes').usd).toBeCloseTo((perSecond * MONTH * 0.625) / 1e6, 2);
  });

  it('counts no archive where topics keep their last value only', () => {
    const state = billOf({ ...LOAD, retentionHours: 0 });
    const spared = lineOf(bill, 'DynamoDB', 'writes').quantity - lineOf(state, 'DynamoDB', 'writes').quantity;

    // 2 of 4 units, 20 times a second.
    expect(spared / (40 * MONTH)).toBeCloseTo(1, 6);
  });

  it('counts what is stored by the time for which messages are kept', () => {
    const storedBy = (retentionHours: number, hoursOnline = 24) =>
      storedBytes({ ...LOAD, connections: 0, retentionHours, hoursOnline }) / (20 * 3_600 * 1_274);

    expect([storedBy(0), storedBy(6), storedBy(24), storedBy(168)]).toEqual([0, 6, 24, 168]);
    // Eight hours a day: those of seven days, and of the last one and a half.
    expect([storedBy(168, 8), storedBy(36, 8), storedBy(4, 8)]).toEqual([56, 16, 4]);
  });

  it('counts the reads of the index in steps of 4 KB at half a unit', () => {
    // 300 subscribers of 100 bytes: 30,000 bytes, 8 steps, 4 units, 20 times a second. A new connection is caught up
    // three times (head 1, index and archive 1) and its records are listed at its end: 7 for each of 50,000 / 6,300.
    const perSecond = 80 + (7 * 50_000) / 6_300;

    expect(lineOf(bill, 'DynamoDB', 'reads').usd).toBeCloseTo((perSecond * MONTH * 0.125) / 1e6, 3);
  });

  it('counts the time and the memory of Lambda', () => {
    // 20 a second, each 25 ms + 300 × (0.01 + 10 / 64) ms, at 1,769 MB.
    const seconds = (20 * (25 + 300 * (0.01 + 10 / 64))) / 1_000;

    expect(lineOf(bill, 'Lambda', 'fan-out, 1769 MB').quantity).toBeCloseTo(seconds * MONTH * (1_769 / 1_024), 0);
  });

  it('divides the deliveries’ frames by what one frame carries', () => {
    const batched = billOf({ ...LOAD, messagesPerFrame: 4 });
    // 6,000 frames a second become 1,500.
    const spared =
      lineOf(bill, 'API Gateway', 'messages').quantity - lineOf(batched, 'API Gateway', 'messages').quantity;

    expect(spared / (4_500 * MONTH)).toBeCloseTo(1, 6);
    expect(batched.deliveries).toBe(bill.deliveries);
    expect(batched.usd).toBeLessThan(bill.usd / 2);
  });

  it('gathers nothing at a low rate, and as much as fits at a high one', () => {
    const low = billOf({ ...LOAD, messagesPerFrame: 'gathered' });
    const high = { ...LOAD, connections: 300, publishesPerSecond: 400 };

    expect(low.usd).toBe(bill.usd);
    // 400 messages a second to each, of which 100 fall into a quarter of a second, but 27 of 1,184 bytes fit 32 KB.
    expect(billOf({ ...high, messagesPerFrame: 'gathered' })).toEqual(billOf({ ...high, messagesPerFrame: 27 }));
    expect(billOf({ ...high, messagesPerFrame: 1_000 })).toEqual(billOf({ ...high, messagesPerFrame: 27 }));
  });

  it('adds up', () => {
    expect(bill.usd).toBeCloseTo(
      bill.lines.reduce((sum, { usd }) => sum + usd, 0),
      6,
    );
    expect(bill.deliveries).toBe(6_000 * MONTH);
    expect(bill.usdPerMillionDeliveries).toBeCloseTo((bill.usd / (6_000 * MONTH)) * 1e6, 9);
  });
});

const loads = fc.record({
  connections: fc.integer({ min: 1_000, max: 1_000_000 }),
  publishesPerSecond: fc.double({ min: 0.001, max: 1_000, noNaN: true }),
  fanout: fc.integer({ min: 1, max: 1_000 }),
  messageBytes: fc.integer({ min: 1, max: 28_672 }),
  messagesPerFrame: fc.constantFrom(1, 3),
  hoursOnline: fc.double({ min: 0.1, max: 12, noNaN: true }),
  retentionHours: fc.constantFrom(0, 1, 24, 168),
});

/** Sums of the same parts in another order differ in their last digits. */
const isNotLess = (more: number, than: number): boolean => more >= than * (1 - 1e-12);

describe('more never costs less', () => {
  it.each([
    ['connections', (load: Load, more: number) => ({ ...load, connections: load.connections + more })],
    ['bytes', (load: Load, more: number) => ({ ...load, messageBytes: Math.min(28_672, load.messageBytes + more) })],
    ['hours', (load: Load, more: number) => ({ ...load, hoursOnline: Math.min(24, load.hoursOnline + more / 1_000) })],
  ])('%s', (_, grow) => {
    const property = fc.property(loads, fc.integer({ min: 1, max: 10_000 }), (load, more) => {
      const grown = grow(load, more);
      // A frame that is full holds fewer messages when they are larger: compare what carries the same number.
      fc.pre(grown.messageBytes === load.messageBytes || load.messagesPerFrame === 1);
      return isNotLess(billOf(grown).usd, billOf(load).usd);
    });

    fc.assert(property);
  });

  it('elsewhere either', () => {
    const property = fc.property(loads, fc.integer({ min: 1, max: 10_000 }), (load, more) => {
      const grown = peerBills({ ...load, connections: load.connections + more });
      return peerBills(load).every(({ usd = 0 }, index) => {
        const after = grown[index]?.usd;
        return after === undefined || isNotLess(after, usd);
      });
    });

    fc.assert(property);
  });
});

describe('the cost of shards', () => {
  it('is a worker and a query of each, while the broadcast waits', () => {
    // 64 requests at 0.20; (64 + 2) × 25 ms at 1,769 MB; 64 × half a read unit at 0.125; each a million times.
    const lambda = 64 * 0.2 + 66 * 0.025 * (1_769 / 1_024) * 13.333_4;

    expect(usdOfShards(64)).toBeCloseTo(lambda + 64 * 0.5 * 0.125, 2);
  });

  it('is nothing for one shard, and never falls with more', () => {
    expect(usdOfShards(1)).toBe(0);
    const shards = fc.integer({ min: 1, max: 512 });

    fc.assert(fc.property(shards, shards, (a, b) => usdOfShards(Math.min(a, b)) <= usdOfShards(Math.max(a, b))));
  });
});

describe('the cost of an hour', () => {
  it('is that of the month, by the hour', () => {
    const rates = { connections: 50_000, publishesPerSecond: 20, deliveriesPerSecond: 6_000, messageBytes: 1_024 };

    expect(hourlyCost(rates)).toBeCloseTo(billOf(LOAD).usd / 730, 9);
  });

  it('is a number for a stack in which nothing happens', () => {
    const idle = hourlyCost({ connections: 0, publishesPerSecond: 0, deliveriesPerSecond: 0, messageBytes: 0 });

    // What is there whatever happens: metrics, alarms, the dashboard.
    const { CUSTOM_METRICS, ALARM_METRICS } = TEMPLATE;
    expect(idle).toBeCloseTo((CUSTOM_METRICS * 0.3 + ALARM_METRICS * 0.1 + 3) / ASSUMPTIONS.HOURS_PER_MONTH, 9);
  });

  it('is reckoned from what is seen of the topics', () => {
    const topics = [
      { kind: 'message', subscribers: 10, perSecond: 2, messageBytes: 100 },
      { kind: 'message', subscribers: 30, perSecond: 1, messageBytes: 400 },
      // A counter is posted every 60 ms at most: 16.7 of these 97.
      { kind: 'counter', subscribers: 6, perSecond: 97, messageBytes: 0 },
    ];

    const rates = ratesOfTopics(topics);
    expect(rates).toMatchObject({ connections: 30, publishesPerSecond: 100, messageBytes: 6 });
    expect(rates.deliveriesPerSecond).toBeCloseTo(20 + 30 + 100, 6);
    expect(ratesOfTopics([])).toEqual({
      connections: 0,
      publishesPerSecond: 0,
      deliveriesPerSecond: 0,
      messageBytes: 0,
    });
  });
});
