import { catchUp } from '../../../../../shared/fanout/catch-up/catch-up.ts';
import { RECOVERY_BUDGET_BYTES } from '../../../../../shared/fanout/catch-up/recovery-budget.ts';
import { encodeHistory } from '../../../../../shared/fanout/catch-up/recovery-frames.ts';
import { byteLength } from '../../../../../shared/protocol/decode-frame.ts';
import { LIMITS } from '../../../../../shared/protocol/limits.ts';
import { historyFrame } from '../../../../../shared/protocol/server-frames.ts';
import type { PostOutcome } from '../../../../../shared/post/post.ts';
import { createCatchUpWorld, headOf, NOW_MS } from '../../../../helpers/catch-up-world.ts';
import { messageAt } from '../../../../helpers/fake-archive.ts';

const connection = { connectionId: 'C1=', connectedAt: NOW_MS - 60_000 };
const always = (outcome: PostOutcome): PostOutcome[] => Array.from({ length: 999 }, () => outcome);
const request = (seq: number, id?: string) => ({
  ...connection,
  kind: 'history' as const,
  topic: 'news',
  before: { epoch: 'e1', seq },
  count: 2,
  ...(id === undefined ? {} : { id }),
});

describe('catchUp, of a request for older messages', () => {
  it('sends them with the id of the request, and where to go on', async () => {
    const world = createCatchUpWorld({ heads: { news: headOf('news', 9) } });

    const outcome = await catchUp(world.deps, request(5, 'h1'));

    expect(outcome).toBe('delivered');
    expect(world.frames).toMatchObject([
      {
        type: 'history',
        id: 'h1',
        topic: 'news',
        messages: [
          { type: 'message', seq: 3 },
          { type: 'message', seq: 4 },
        ],
        before: { epoch: 'e1', seq: 3 },
      },
    ]);
    expect(world.reports).toEqual([]);
  });

  it('says nothing of older ones at the beginning, and nothing of an id without one', async () => {
    const world = createCatchUpWorld({ heads: { news: headOf('news', 9) } });

    await catchUp(world.deps, request(1));

    expect(world.frames).toEqual([{ type: 'history', topic: 'news', messages: [] }]);
  });

  it('refuses with the id while messages are on their way', async () => {
    const world = createCatchUpWorld({ heads: { news: headOf('news', 9) } });
    const deps = { ...world.deps, listMessages: async () => [messageAt(2), messageAt(5)] };

    const outcome = await catchUp(deps, request(5, 'h1'));

    expect(outcome).toBe('delivered');
    expect(world.frames).toMatchObject([{ type: 'error', code: 'unavailable', id: 'h1', action: 'subscribe' }]);
  });

  it('counts its bytes, and refuses without a look at the archive once the budget is used up', async () => {
    const world = createCatchUpWorld();
    const spent: number[] = [];
    const spend = (_: string, bytes: number): void => void spent.push(bytes);

    await catchUp({ ...world.deps, budget: { ...world.deps.budget, spend } }, request(3, 'h1'));
    world.deps.budget.spend('C1=', RECOVERY_BUDGET_BYTES + 1);
    const looks = world.steps.length;
    await catchUp(world.deps, request(3, 'h2'));

    expect(spent).toEqual([JSON.stringify(world.frames[0]).length]);
    expect(world.frames[1]).toMatchObject({ type: 'error', code: 'unavailable', id: 'h2' });
    expect(world.steps.slice(looks)).toEqual(['post C1= delivered']);
  });

  it.each(['throttled', 'unanswered', 'failed'] as const)('neither retries nor owes what is %s', async (answer) => {
    const world = createCatchUpWorld({ answers: always(answer) });

    const outcome = await catchUp(world.deps, request(3));

    expect(outcome).toBe('dropped');
    expect(world.steps.filter((step) => step.startsWith('owe'))).toEqual([]);
  });

  it('prepares nothing for a connection that takes no frames', async () => {
    const world = createCatchUpWorld({ answers: always('throttled') });
    await catchUp(world.deps, request(3));
    const looks = world.steps.length;

    const outcome = await catchUp(world.deps, request(3));

    expect(outcome).toBe('dropped');
    expect(world.steps.slice(looks)).toEqual([]);
  });

  it('sends nothing past the end of the token, and closes the connection', async () => {
    const world = createCatchUpWorld();

    const outcome = await catchUp(world.deps, { ...request(3, 'h1'), tokenEnd: NOW_MS });

    expect(outcome).toBe('ended');
    expect(world.frames).toMatchObject([{ type: 'error', code: 'token-expired' }]);
  });

  it('removes a connection that is gone', async () => {
    const world = createCatchUpWorld({ answers: ['gone'] });

    const outcome = await catchUp(world.deps, request(3));

    expect(outcome).toBe('gone');
    expect(world.steps).toContain('remove C1=');
  });
});

describe('encodeHistory', () => {
  const addressee = { topic: 'news', connectionId: 'me=', id: 'i'.repeat(LIMITS.ID_LENGTH) };
  const large = (seq: number) => ({ ...messageAt(seq), message: JSON.stringify('x'.repeat(15_000)) });

  it('takes as many frames as the messages need, each with the id and all but the last with `more`', () => {
    const messages = [1, 2, 3, 4, 5].map(large);

    const texts = encodeHistory({ messages, before: { epoch: 'e1', seq: 1 }, isLost: false }, addressee);

    const frames = texts.map((text) => historyFrame.parse(JSON.parse(text)));
    expect(frames.map((frame) => frame.messages.map(({ seq }) => seq))).toEqual([[1, 2], [3, 4], [5]]);
    expect(frames.map(({ more }) => more)).toEqual([true, true, undefined]);
    expect(new Set(frames.map(({ id, before }) => `${id} ${before?.seq}`))).toEqual(new Set([`${addressee.id} 1`]));
    expect(texts.filter((text) => byteLength(text) > LIMITS.FRAME_BYTES)).toEqual([]);
  });

  it('leaves out for its publisher what it asked not to get back, and still says where to go on', () => {
    const messages = [
      { ...messageAt(4), exclude: 'me=' },
      { ...messageAt(5), exclude: 'you=' },
    ];

    const [frame] = encodeHistory({ messages, before: { epoch: 'e1', seq: 4 }, isLost: false }, addressee);

    expect(JSON.parse(frame ?? '')).toMatchObject({ messages: [{ seq: 5 }], before: { epoch: 'e1', seq: 4 } });
  });

  it('says that older messages are lost', () => {
    const [frame] = encodeHistory({ messages: [], before: undefined, isLost: true }, { ...addressee, id: undefined });

    expect(JSON.parse(frame ?? '')).toEqual({ type: 'history', topic: 'news', lost: true, messages: [] });
  });
});
