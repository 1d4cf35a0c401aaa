import { catchUp } from '../../../../../shared/fanout/catch-up/catch-up.ts';
import type { CatchUpRequest } from '../../../../../shared/store/catch-up-request.ts';
import { createCatchUpWorld, NOW_MS } from '../../../../helpers/catch-up-world.ts';

const connection = { connectionId: 'C1=', connectedAt: 0 };
const position = { epoch: 'e1', seq: 1 };

const REQUESTS: readonly CatchUpRequest[] = [
  { ...connection, kind: 'subscription', topic: 'news', position },
  { ...connection, kind: 'ping', positions: { news: position } },
  { ...connection, kind: 'refused', topics: ['secret'] },
];

describe('a catch-up for a connection whose token has ended', () => {
  it.each(REQUESTS)('sends nothing for $kind but the reason, and closes the connection', async (request) => {
    const { deps, steps, frames } = createCatchUpWorld();

    const outcome = await catchUp(deps, { ...request, tokenEnd: NOW_MS });

    expect(outcome).toBe('ended');
    expect(frames).toMatchObject([{ type: 'error', code: 'token-expired' }]);
    expect(steps).toEqual(['silence C1=', 'post C1= delivered', 'close C1=', 'remove C1=']);
  });

  it.each(REQUESTS)('is an ordinary one for $kind until then', async (request) => {
    const { deps, steps } = createCatchUpWorld();

    expect(await catchUp(deps, { ...request, tokenEnd: NOW_MS + 60_000 })).toBe('delivered');
    expect(steps).not.toContain('close C1=');
  });

  it('is retried if the connection could not be closed', async () => {
    const world = createCatchUpWorld();
    const close = () => Promise.reject(new Error('down'));

    await expect(
      catchUp({ ...world.deps, close }, { ...connection, kind: 'end', code: 'token-expired' }),
    ).rejects.toThrow('down');
  });

  it('closes one that takes no frame all the same', async () => {
    const { deps, steps } = createCatchUpWorld({ answers: ['unanswered', 'unanswered', 'unanswered'] });

    await catchUp(deps, { ...connection, kind: 'end', code: 'token-expired' });

    expect(steps.slice(-2)).toEqual(['close C1=', 'remove C1=']);
  });
});
