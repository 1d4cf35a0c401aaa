import { deliverFrames } from '../../../../../shared/fanout/deliver/deliver-frames.ts';
import {
  createDebtNotes,
  NOTED_DEBTS,
  NOTED_MS,
  PENDING_DEBTS,
} from '../../../../../shared/fanout/deliver/missed-frames.ts';
import type { PostOutcome } from '../../../../../shared/post/post.ts';
import type { Debt } from '../../../../../shared/store/owed.ts';
import { CONNECTED_AT, createBroadcastFixture } from '../../../../helpers/broadcast-fixture.ts';

const debtOf = (connectionId: string, topic = 'news'): Debt => ({
  connection: { connectionId, connectedAt: CONNECTED_AT },
  topic,
  position: { epoch: 'e1', seq: 1 },
});

describe('debts', () => {
  it('are recorded once in a while, however often a connection misses frames', async () => {
    let nowMs = 0;
    const noted: Debt[] = [];
    const note = createDebtNotes({
      note: async (debt) => void noted.push(debt),
      report: () => undefined,
      now: () => nowMs,
    });

    for (nowMs of [0, 1, NOTED_MS - 1, NOTED_MS]) await note([debtOf('C1='), debtOf('C1=', 'other')]);

    expect(noted.map(({ topic }) => topic)).toEqual(['news', 'other', 'news', 'other']);
  });

  it('are bounded in each round, and the others follow with the next, whether it misses any or not', async () => {
    const noted: string[] = [];
    const note = createDebtNotes({
      note: async ({ connection }) => void noted.push(connection.connectionId),
      report: () => undefined,
      now: () => 0,
    });

    await note(Array.from({ length: NOTED_DEBTS + 1 }, (_, i) => debtOf(`C${i}=`)));
    const first = noted.length;
    await note([]);
    await note([]);

    expect([first, noted.length, new Set(noted).size]).toEqual([NOTED_DEBTS, NOTED_DEBTS + 1, NOTED_DEBTS + 1]);
  });

  it('that are too many to keep are dropped, and reported', async () => {
    const events: unknown[] = [];
    const note = createDebtNotes({
      note: () => Promise.reject(new Error('table down')),
      report: ({ event, subject }) => void (event === 'debts-dropped' && events.push(subject)),
      now: () => 0,
    });

    await note(Array.from({ length: PENDING_DEBTS + 2 }, (_, i) => debtOf(`C${i}=`)));

    expect(events).toEqual(['2 debts']);
  });

  it('keep the position of the older miss while they cannot be written', async () => {
    const seqs: unknown[] = [];
    let isDown = true;
    const note = createDebtNotes({
      note: async ({ position }) => {
        if (isDown) throw new Error('table down');
        seqs.push(position?.seq);
      },
      report: () => undefined,
      now: () => 0,
    });

    await note([debtOf('C1=')]);
    isDown = false;
    await note([{ ...debtOf('C1='), position: { epoch: 'e1', seq: 8 } }]);

    expect(seqs).toEqual([1]);
  });

  it('are remembered from the time of the note on, however long the answer takes', async () => {
    let nowMs = 0;
    let calls = 0;
    const note = createDebtNotes({
      note: async () => {
        calls += 1;
        nowMs += NOTED_MS;
      },
      report: () => undefined,
      now: () => nowMs,
    });

    await note([debtOf('C1=')]);
    await note([debtOf('C1=')]);

    expect(calls).toBe(2);
  });

  it('that cannot be written are reported, and written with the next round', async () => {
    const subjects: string[] = [];
    let calls = 0;
    const note = createDebtNotes({
      note: async () => {
        if ((calls += 1) === 1) throw new Error('table down');
      },
      report: ({ subject }) => void subjects.push(subject),
      now: () => 0,
    });

    await note([debtOf('C1=')]);
    await note([]);
    await note([debtOf('C1=')]);

    expect([subjects, calls]).toEqual([['C1='], 2]);
  });
});

describe('a delivery', () => {
  const ids = Array.from({ length: 20 }, (_, i) => `C${i}=`);
  const subscribers = new Map([
    ['news', ids.map((connectionId) => ({ connectionId, connectedAt: CONNECTED_AT, batch: false }))],
  ]);
  const frames = [2, 3].map((seq) => ({
    topic: 'news',
    text: `{"topic":"news","seq":${seq}}`,
    after: { epoch: 'e1', seq: seq - 1 },
  }));

  async function owedAfter(answers: Readonly<Record<string, readonly PostOutcome[]>>): Promise<Debt[]> {
    const owed: Debt[] = [];
    const noteDebts = async (debts: readonly Debt[]): Promise<void> => void owed.push(...debts);
    await deliverFrames({ ...createBroadcastFixture({ answers }), noteDebts }, frames, subscribers);
    return owed;
  }

  const always = (outcome: PostOutcome) => Array.from({ length: 20 }, () => outcome);

  it.each(['throttled', 'unanswered', 'failed'] as const)(
    'owes a connection that stays %s everything from the first frame on',
    async (outcome) => {
      expect(await owedAfter({ 'C3=': ['delivered', ...always(outcome)] })).toEqual([debtOf('C3=')]);
    },
  );

  it.each(['gone', 'refused'] as const)('owes nothing to a connection that is %s', async (outcome) => {
    expect(await owedAfter({ 'C3=': always(outcome) })).toEqual([]);
  });

  it('owes nothing to anyone who was reached in a later round', async () => {
    expect(await owedAfter({ 'C3=': ['throttled', 'throttled'] })).toEqual([]);
  });

  it('owes nothing while the endpoint is down, since the batch is retried', async () => {
    expect(await owedAfter(Object.fromEntries(ids.map((id) => [id, always('failed')])))).toEqual([]);
  });
});
