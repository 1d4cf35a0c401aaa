import { ClientScene, online } from '../../helpers/client-scene.ts';
import { eventually } from '../../helpers/eventually.ts';

describe('a client, sharing a counter', () => {
  let scene: ClientScene;

  beforeEach(async () => {
    scene = await new ClientScene().start();
  });

  afterEach(() => scene.stop());

  it('shows its own change at once and others as they come', async () => {
    const [mine, theirs] = [scene.open(), scene.open()].map((rt) => rt.counter('votes'));
    await eventually(() => mine?.state === 'live' && theirs?.state === 'live');

    const incremented = mine?.increment(2);
    const atOnce = mine?.value;
    await eventually(() => theirs?.value === 2);

    expect(atOnce).toBe(2);
    await expect(incremented).resolves.toBe(2);
  });

  it('takes a change back that is out of bounds', async () => {
    const rt = scene.open();
    const votes = rt.counter('votes');
    await eventually(() => votes.state === 'live');
    const values: number[] = [];
    votes.on('change', (value) => values.push(value));

    const refused = votes.decrement(1, { min: 0 });

    await expect(refused).rejects.toMatchObject({ code: 'out-of-bounds' });
    expect(values).toEqual([-1, 0]);
  });

  it('refuses what is no step', async () => {
    const votes = scene.open().counter('votes');

    await expect(votes.increment(0.5)).rejects.toThrow(RangeError);
    await expect(votes.decrement(-1)).rejects.toThrow(RangeError);
  });

  it('is the same for who asks for it again', () => {
    const rt = scene.open();

    expect(rt.counter('votes')).toBe(rt.counter('votes'));
  });

  it('has the right value after a reconnect', async () => {
    const rt = await online(scene.open());
    const votes = rt.counter('votes');
    await eventually(() => votes.state === 'live');
    scene.backend.cut();
    scene.backend.change('votes', 41);
    const waited = votes.increment();

    await scene.reconnect(rt);

    await expect(waited).resolves.toBe(42);
    expect(votes.value).toBe(42);
  });
});
