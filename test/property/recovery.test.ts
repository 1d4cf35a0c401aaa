import fc from 'fast-check';
import { ARCHIVE_LAG_MS, recover } from '../../shared/fanout/catch-up/recover.ts';
import { encodeRecovery } from '../../shared/fanout/catch-up/recovery-frames.ts';
import { type OlderMessages, readOlder } from '../../shared/fanout/catch-up/older-messages.ts';
import { byteLength } from '../../shared/protocol/decode-frame.ts';
import { LIMITS } from '../../shared/protocol/limits.ts';
import type { Position } from '../../shared/protocol/position.ts';
import { subscribedFrame } from '../../shared/protocol/server-frames.ts';
import type { ArchivedMessage, MessageRange } from '../../shared/store/messages.ts';
import { PUBLISHED_AT } from '../helpers/change-records.ts';
import { TestClock } from '../helpers/test-clock.ts';

const ME = 'me=';
const HIGHEST = 14;

/** The messages of a topic's life, some of which the archive has lost, and a client that stands anywhere. */
const scenario = fc.record({
  headSeq: fc.integer({ min: 1, max: HIGHEST }),
  lost: fc.oneof(
    fc.constant<number[]>([]),
    fc.uniqueArray(fc.integer({ min: 1, max: HIGHEST }), { maxLength: 3 }),
    // The newest are not archived yet.
    fc.integer({ min: 1, max: HIGHEST }).map((from) => Array.from({ length: HIGHEST }, (_, i) => from + i)),
  ),
  isRecent: fc.boolean(),
  mine: fc.uniqueArray(fc.integer({ min: 1, max: HIGHEST })),
  sizes: fc.array(fc.constantFrom(1, 9_000, 28_000), { minLength: HIGHEST, maxLength: HIGHEST }),
  position: fc.option(
    fc.record({
      epoch: fc.constantFrom('now', 'now', 'now', 'old', null),
      seq: fc.integer({ min: 0, max: HIGHEST + 1 }),
    }),
    { nil: undefined },
  ),
  history: fc.option(fc.integer({ min: 1, max: HIGHEST + 1 }), { nil: undefined }),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

async function play({ headSeq, lost, isRecent, mine, sizes, position, history }: Scenario) {
  const all = Array.from({ length: headSeq }, (_, i): ArchivedMessage => {
    const message = JSON.stringify('x'.repeat(sizes[i] ?? 1));
    const exclude = mine.includes(i + 1) ? { exclude: ME } : {};
    return { topic: 'news', epoch: 'now', seq: i + 1, message, publishedAt: PUBLISHED_AT, ...exclude };
  });
  const archived = all.filter(({ seq }) => !lost.includes(seq));
  const deps = {
    listMessages: async ({ fromSeq, toSeq }: MessageRange) =>
      archived.filter(({ seq }) => seq >= fromSeq && seq <= toSeq),
    waiting: new TestClock().waiting(),
    now: () => PUBLISHED_AT + (isRecent ? 0 : ARCHIVE_LAG_MS),
  };
  const head = { kind: 'message' as const, ...(all.at(-1) ?? fail()) };
  return { archived, deps, head, recovery: await recover(deps, head, { position, history }) };
}

function fail(): never {
  throw new Error('The scenario has no message.');
}

const run = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

describe('recovery, of any position against any archive', () => {
  it('sends all that was missed or says that it cannot, and never half', async () => {
    const outcomes = { recovered: 0, refused: 0 };

    await fc.assert(
      fc.asyncProperty(scenario, async (plan) => {
        const { archived, recovery } = await play(plan);
        const seqs = recovery.messages.map(({ seq }) => seq);
        const { position, headSeq, history } = plan;
        // It may stop short of the head only where what follows is still to be archived, and then delivered live.
        if (recovery.seq < headSeq)
          expect([plan.isRecent, archived.some(({ seq }) => seq === recovery.seq + 1)]).toEqual([true, false]);
        if (position === undefined) {
          // As far back as there is no hole, ending where it says that the client stands.
          expect(recovery.recovered).toBe(true);
          expect(seqs).toEqual(run(recovery.seq - seqs.length + 1, recovery.seq));
          expect(seqs.length).toBeLessThanOrEqual(history ?? 0);
          if (history !== undefined && recovery.seq === headSeq) expect(seqs.at(-1)).toBe(headSeq);
          return;
        }
        const known = new Set([...archived.map(({ seq }) => seq), headSeq]);
        const isContinued = position.epoch === 'now' || (position.epoch === null && position.seq === 0);
        const isWhole = run(position.seq + 1, headSeq).every((seq) => known.has(seq));
        if (isContinued && position.seq <= headSeq && isWhole)
          expect(recovery).toMatchObject({ recovered: true, seq: headSeq });
        if (!isContinued || position.seq > headSeq) expect(recovery.recovered).toBe(false);
        if (recovery.recovered) expect(seqs).toEqual(run(position.seq + 1, recovery.seq));
        else expect([seqs, recovery.seq]).toEqual([[], headSeq]);
        outcomes[recovery.recovered ? 'recovered' : 'refused'] += 1;
      }),
      { numRuns: 1_500 },
    );

    expect(Math.min(outcomes.recovered, outcomes.refused)).toBeGreaterThan(100);
  });

  it('pages back to the first message, or says where the rest is lost', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, fc.integer({ min: 1, max: 5 }), async (plan, count) => {
        const { archived, deps, head } = await play({ ...plan, isRecent: false });
        const found: number[] = [];
        let before: Position | undefined = { epoch: 'now', seq: head.seq + 1 };
        let isLost = false;

        while (before !== undefined) {
          const page: OlderMessages | undefined = await readOlder(deps, head, { topic: 'news', before, count });
          found.unshift(...(page?.messages ?? []).map(({ seq }) => seq));
          if (page?.before !== undefined) expect(page.messages).toHaveLength(count);
          before = page?.before;
          isLost = page?.isLost ?? true;
        }

        const known = new Set([...archived.map(({ seq }) => seq), head.seq]);
        const hole = run(1, head.seq).findLast((seq) => !known.has(seq)) ?? 0;
        expect(found).toEqual(run(hole + 1, head.seq));
        expect(isLost).toBe(hole > 0);
      }),
      { numRuns: 500 },
    );
  });

  it('is sent in frames that fit, in order, whose last names the position', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (plan) => {
        const { recovery } = await play(plan);

        const texts = encodeRecovery(recovery, { topic: 'news', connectionId: ME });

        const frames = texts.map((text) => subscribedFrame.parse(JSON.parse(text)));
        const wanted = recovery.messages.filter(({ exclude }) => exclude !== ME);
        expect(frames.flatMap(({ messages = [] }) => messages.map(({ seq }) => seq))).toEqual(
          wanted.map(({ seq }) => seq),
        );
        expect(frames.map(({ more }) => more === true)).toEqual(frames.map((_, i) => i < frames.length - 1));
        expect(frames.at(-1)?.seq).toBe(recovery.seq);
        for (const { messages = [], seq, more } of frames) if (more) expect(seq).toBe(messages.at(-1)?.seq);
        expect(texts.filter((text) => byteLength(text) > LIMITS.FRAME_BYTES)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
