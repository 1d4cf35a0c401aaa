import type { PresenceChange } from '../../../client/src/index.ts';
import { ClientScene, online } from '../../helpers/client-scene.ts';
import { eventually } from '../../helpers/eventually.ts';

const at = (second: number): string => `2026-11-20T09:30:0${second}.000Z`;

const LIST = {
  type: 'presence',
  topic: 'lobby',
  joined: ['ann', 'me'],
  left: [],
  count: 2,
  countedAt: at(1),
  self: 'me',
} as const;

const change = (second: number, count: number, { joined = [] as string[], left = [] as string[] }) =>
  ({ type: 'presence', topic: 'lobby', joined, left, count, countedAt: at(second) }) as const;

describe('a client, following who is at a topic', () => {
  let scene: ClientScene;

  beforeEach(async () => {
    scene = await new ClientScene().start();
  });

  afterEach(() => scene.stop());

  async function watch() {
    const rt = await online(scene.open());
    const changes: PresenceChange[] = [];
    const lobby = rt.subscribe('lobby', { presence: true });
    lobby.on('presence', (each) => changes.push(each));
    await eventually(() => expect(lobby.state).toBe('live'));
    return { lobby, changes };
  }

  it('asks for it when it subscribes, and knows nothing before it is told', async () => {
    const { lobby } = await watch();

    expect(scene.framesOf('subscribe')).toMatchObject([{ topic: 'lobby', presence: true }]);
    expect(lobby.presence).toBeUndefined();
  });

  it('knows who is there, how many, and which of them it is', async () => {
    const { lobby, changes } = await watch();

    scene.backend.send(LIST);
    await eventually(() => expect(changes).toHaveLength(1));

    expect(lobby.presence).toEqual({ members: new Set(['ann', 'me']), count: 2, self: 'me' });
    expect(changes).toMatchObject([{ topic: 'lobby', joined: ['ann', 'me'], left: [], count: 2 }]);
  });

  it('follows who comes and who leaves', async () => {
    const { lobby, changes } = await watch();

    scene.backend.send(LIST);
    scene.backend.send(change(2, 2, { joined: ['bob'], left: ['ann'] }));
    await eventually(() => expect(changes).toHaveLength(2));

    expect(lobby.presence?.members).toEqual(new Set(['me', 'bob']));
    expect(changes[1]).toMatchObject({ joined: ['bob'], left: ['ann'], count: 2 });
  });

  it('does not go back to an older count', async () => {
    const { lobby, changes } = await watch();

    scene.backend.send(LIST);
    scene.backend.send(change(3, 4, { joined: ['bob', 'cy'] }));
    scene.backend.send(change(2, 3, { joined: ['dan'] }));
    await eventually(() => expect(changes).toHaveLength(3));

    expect(lobby.presence?.count).toBe(4);
    expect(lobby.presence?.members.has('dan')).toBe(true);
  });

  it('takes no change before it knows who is there', async () => {
    const { lobby, changes } = await watch();

    scene.backend.send(change(0, 3, { joined: ['bob'] }));
    scene.backend.send(LIST);
    await eventually(() => expect(changes).toHaveLength(1));

    expect(lobby.presence?.members).toEqual(new Set(['ann', 'me']));
  });

  it('begins anew with the list of another connection', async () => {
    const { lobby, changes } = await watch();

    scene.backend.send(LIST);
    scene.backend.send({ ...LIST, joined: ['me-again'], count: 1, countedAt: at(0), self: 'me-again' });
    await eventually(() => expect(changes).toHaveLength(2));

    expect(lobby.presence).toEqual({ members: new Set(['me-again']), count: 1, self: 'me-again' });
  });
});
