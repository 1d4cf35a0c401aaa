import { randomUUID } from 'node:crypto';
import { LATER_SWEEPS } from '../../shared/fanout/catch-up/sweep-revoked.ts';
import { findRevocations, revoke } from '../../shared/store/revocations.ts';
import { createSubscriptionStore } from '../../shared/store/subscriptions.ts';
import { dueNow } from '../helpers/due-sweep.ts';
import { type FanoutStage, invokeStream, startFanoutStage } from '../helpers/fanout-stage.ts';
import { CONNECTED_AT } from '../helpers/lambda-events.ts';
import { TABLE_NAMES } from '../helpers/tables.ts';

const table = TABLE_NAMES.subscriptions;
const HOUR_MS = 3_600_000;

describe('a revocation while @connections is down', () => {
  let stage: FanoutStage;

  beforeAll(async () => {
    stage = await startFanoutStage();
  });

  afterAll(() => stage.close());

  const deps = () => ({ client: stage.engine.client, table, now: Date.now, newStamp: () => randomUUID() });
  const sweeps = async () => (await findRevocations(deps(), 'ann'))?.sweeps ?? 0;

  /** Lets the catch-up Lambda handle what is new in the stream, as if each sweep were due by then. */
  async function sweepOnce(): Promise<void> {
    const { handler } = await import('../../handlers/catch-up.ts');
    const records = (await stage.newRecords(table)).map(dueNow);
    expect(await invokeStream(handler, records)).toEqual([]);
  }

  test('is enforced when it is up again, although all retries and all later sweeps have failed', async () => {
    const store = createSubscriptionStore({ ...deps(), requestId: () => randomUUID(), shardsOf: async () => 1 });
    const connection = { connectionId: 'ann=', connectedAt: CONNECTED_AT, subject: 'ann', seen: 0 };
    await store.open(connection, { topics: [] });
    stage.statuses.set('ann=', 503);

    await revoke(deps(), { subject: 'ann', pattern: '*', until: Date.now() + HOUR_MS });
    while ((await sweeps()) <= LATER_SWEEPS + 1) await sweepOnce();
    stage.statuses.delete('ann=');
    const closedBefore = [...stage.closed];
    await sweepOnce();

    expect(closedBefore).toEqual([]);
    expect(stage.closed).toEqual(['ann=']);
    expect(await sweeps()).toBe(LATER_SWEEPS + 2);
  });
});
