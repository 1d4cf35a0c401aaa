import { catchUp } from '../../../../../shared/fanout/catch-up/catch-up.ts';
import { createCatchUpWorld, headOf, NOW_MS } from '../../../../helpers/catch-up-world.ts';

describe('a catch-up that waited for a handshake', () => {
  it('sends what was published meanwhile, too: its broadcast was answered 410 as well', async () => {
    const heads = { news: headOf('news', 3) };
    const { deps, frames } = createCatchUpWorld({ heads, answers: ['gone'] });
    const sleep = async (): Promise<void> => {
      heads.news = headOf('news', 5);
    };
    const young = { connectionId: 'C1=', connectedAt: NOW_MS - 10 };
    const position = { epoch: 'e1', seq: 2 };

    await catchUp(
      { ...deps, waiting: { ...deps.waiting, sleep } },
      { ...young, kind: 'subscription', topic: 'news', position },
    );

    expect(frames).toMatchObject([{ type: 'subscribed', seq: 5, messages: [{ seq: 3 }, { seq: 4 }, { seq: 5 }] }]);
  });
});
