import { deliverFrames } from '../../../../../shared/fanout/deliver/deliver-frames.ts';
import { createDebtNotes, NOTED_DEBTS, NOTED_MS } from '../../../../../shared/fanout/deliver/missed-frames.ts';
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

  it('are bounded in each round', async () => {
    let noted = 0;
    const note = createDebtNotes({ note: async () => void (noted += 1), report: () => undefined, now: () => 0 });

    await note(Array.from({ length: NOTED_DEBTS + 1 }, (_, i) => debtOf(`C${i}=`)));

    expect(noted).toBe(NOTED_DEBTS);
  });

  it('that cannot be written are reported, and written with the next miss', async () => {
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
    await note([debtOf('C1=')]);
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
