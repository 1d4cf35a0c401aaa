import { setImmediate as nextTurn } from 'node:timers/promises';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { listAudience } from '../../shared/fanout/broadcast/list-audience.ts';
import { encodeItem } from '../../shared/store/attributes.ts';
import { STORE_BOUNDS } from '../../shared/store/bounds.ts';
import { createEnterWildcard } from '../../shared/store/enter-wildcard.ts';
import { wildcardsKey } from '../../shared/store/schema.ts';
import { createSubscriptionStore } from '../../shared/store/subscriptions.ts';
import { listSubscribers, type Subscriber } from '../../shared/store/subscribers.ts';
import { createWildcardReader } from '../../shared/store/wildcard-directory.ts';
import { intercept } from '../helpers/intercept.ts';
import { scan, startStoreEngine, type StoreEngine } from '../helpers/store-engine.ts';
import { TABLE_NAMES } from '../helpers/tables.ts';
import { TestClock } from '../helpers/test-clock.ts';

const table = TABLE_NAMES.subscriptions;
const LAMBDAS = 3;

/** A clock of a route differs from the others by up to this time in ms. */
const SKEW_MS = 2_000;

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('broadcast'), by: fc.nat(LAMBDAS - 1), held: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('subscribe'), by: fc.nat(LAMBDAS - 1) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass'), ms: fc.constantFrom(1, 700, 1_999, 2_500, 8_000) }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const READ: Step = { kind: 'broadcast', by: 0, held: false };

/** Runs that fail with too short a settling time, and where a route's clock makes a young entry look settled. */
const EXAMPLES: [Step[]][] = [
  [[READ, { kind: 'subscribe', by: 1 }, { kind: 'pass', ms: 1_999 }, READ]],
  [[READ, { kind: 'subscribe', by: 0 }, { kind: 'pass', ms: 1_999 }, { kind: 'subscribe', by: 2 }, READ]],
];

let runs = 0;

describe('a message that is published after a wildcard was answered', () => {
  let engine: StoreEngine;

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterAll(() => engine.stop());

  /** The Lambdas of one run, whose topics no other run has. */
  function openRun() {
    const clock = new TestClock(Date.UTC(2026, 10, 29, 12));
    const prefix = `run-${(runs += 1)}`;
    const held: (() => void)[] = [];
    const flags = { hold: false };
    const broadcasts = Array.from({ length: LAMBDAS }, () => {
      const client = engine.newClient();
      intercept(client, async ({ command, proceed }) => {
        const isHeld = flags.hold && command === 'GetItemCommand';
        const answer = await proceed();
        // The directory was read, and its answer is late.
        if (isHeld) await new Promise<void>((resolve) => held.push(resolve));
        return answer;
      });
      const wildcardsOver = createWildcardReader({ client, table, now: clock.now });
      const list = (topic: string, shards: number) => listSubscribers({ client, table }, topic, shards);
      return () => listAudience({ listSubscribers: list, wildcardsOver }, `${prefix}/a`, 1);
    });
    const routes = Array.from({ length: LAMBDAS }, (_, index) => {
      const client = engine.newClient();
      const now = (): number => clock.now() + (index - 1) * SKEW_MS;
      const enterWildcard = createEnterWildcard({ client, table, now });
      let requests = 0;
      const requestId = (): string => `${index}-${(requests += 1)}`;
      return createSubscriptionStore({ client, table, requestId, shardsOf: async () => 1, enterWildcard });
    });
    return { clock, prefix, held, flags, broadcasts, routes };
  }

  /** Subscribes, and returns the time at which the subscription is answered. */
  async function subscribe(run: ReturnType<typeof openRun>, connectionId: string, by: number): Promise<number> {
    const sender = { connectionId, connectedAt: run.clock.now() };
    await run.routes[by]?.subscribe(sender, { topic: `${run.prefix}/*` });
    const [record] = await scan(
      engine,
      table,
      (item) => item['connectionId']?.S === connectionId && item['topic']?.S === `${run.prefix}/*`,
    );
    const waitMs = record?.['unsettled']?.BOOL === true ? STORE_BOUNDS.WILDCARD_SETTLING_MS : 0;
    return run.clock.now() + waitMs;
  }

  test('is delivered, whichever Lambda broadcasts it and whatever that one had read before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (steps) => {
        const run = openRun();
        await engine.client.send(new DeleteItemCommand({ TableName: table, Key: encodeItem(wildcardsKey) }));
        const answeredAtMs = new Map<string, number>();
        const listing: Promise<void>[] = [];
        for (const [index, each] of steps.entries()) {
          if ('ms' in each) run.clock.advance(each.ms);
          else if (!('held' in each)) {
            const id = `${run.prefix}-${index}`;
            answeredAtMs.set(id, await subscribe(run, id, each.by));
          } else {
            const due = [...answeredAtMs].filter(([, atMs]) => atMs <= run.clock.now()).map(([id]) => id);
            run.flags.hold = each.held;
            const audience = run.broadcasts[each.by]?.() ?? Promise.resolve([]);
            const done = expectAll(audience, due);
            if (each.held) listing.push(done);
            else await letGo(run.held, [done]);
          }
        }
        await letGo(run.held, listing);
      }),
      { numRuns: 80, examples: EXAMPLES },
    );
  });
});

/** Rejects if an audience lacks one of the connections that it is due to have. */
async function expectAll(audience: Promise<readonly Subscriber[]>, due: readonly string[]): Promise<void> {
  const ids = (await audience).map(({ connectionId }) => connectionId);
  expect(ids).toEqual(expect.arrayContaining([...due]));
}

/** Answers held reads until all broadcasts have listed whom they deliver to. */
async function letGo(held: (() => void)[], listing: readonly Promise<void>[]): Promise<void> {
  const state = { open: listing.length };
  const count = (): void => void (state.open -= 1);
  for (const each of listing) each.then(count, count);
  while (state.open > 0) {
    for (const answer of held.splice(0)) answer();
    await nextTurn();
  }
  await Promise.all(listing);
}
