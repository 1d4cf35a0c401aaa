import { LIMITS } from '../../../shared/protocol/limits.ts';
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
    await eventually(() => expect(theirs?.value).toBe(2));

    expect(atOnce).toBe(2);
    await expect(incremented).resolves.toBe(2);
  });

  it('takes a change back that is out of bounds', async () => {
    const rt = scene.open();
    const votes = rt.counter('votes');
    await eventually(() => expect(votes.state).toBe('live'));
    const values: number[] = [];
    votes.on('change', (value) => values.push(value));

    const refused = votes.decrement(1, { min: 0 });

    await expect(refused).rejects.toMatchObject({ code: 'out-of-bounds' });
    expect(values).toEqual([-1, 0]);
  });

  it('refuses invalid steps and bounds, sends nothing and shows no change', async () => {
    const votes = scene.open().counter('votes');
    const refused = Promise.allSettled([
      ...[0.5, -1, 0, NaN, Infinity, LIMITS.COUNTER_STEP + 1].map((by) => votes.increment(by)),
      ...[NaN, Infinity, 0.5, -LIMITS.COUNTER_VALUE - 1].flatMap((bound) => [
        votes.increment(1, { max: bound }),
        votes.decrement(1, { min: bound }),
      ]),
    ]);
    await eventually(() => expect(votes.state).toBe('live'));

    const reasons = (await refused).map((each) => each.status === 'rejected' && each.reason);

    expect(reasons.filter((reason) => !(reason instanceof RangeError))).toEqual([]);
    expect([votes.value, scene.framesOf('plus'), scene.framesOf('minus')]).toEqual([0, [], []]);
  });

  it('takes the largest step and the widest bounds of the server', async () => {
    const votes = scene.open().counter('votes');
    const bounds = { min: -LIMITS.COUNTER_VALUE, max: LIMITS.COUNTER_VALUE };

    await expect(votes.increment(LIMITS.COUNTER_STEP, bounds)).resolves.toBe(LIMITS.COUNTER_STEP);
  });

  it('is the same for who asks for it again', () => {
    const rt = scene.open();

    expect(rt.counter('votes')).toBe(rt.counter('votes'));
  });

  it('goes on for the others when a separate one ends, and the other way round', async () => {
    const rt = await online(scene.open());
    const common = rt.counter('votes');
    const separate = rt.counter('votes', { separate: true });
    await eventually(() => expect(common.state).toBe('live'));
    const values: number[] = [];
    separate.on('change', (value) => values.push(value));

    separate.unsubscribe();
    const later = rt.counter('votes', { separate: true });
    common.unsubscribe();
    await later.increment();

    expect([separate.state, common.state, later.state]).toEqual(['ended', 'ended', 'live']);
    expect([values, later.value]).toEqual([[], 1]);
    expect([scene.framesOf('subscribe').length, scene.framesOf('unsubscribe').length]).toEqual([1, 0]);
  });

  it('ends on the wire with the last of its objects', async () => {
    const rt = await online(scene.open());
    const separate = rt.counter('votes', { separate: true });
    const common = rt.counter('votes');
    await eventually(() => expect(common.state).toBe('live'));

    common.unsubscribe();
    separate.unsubscribe();
    await eventually(() => expect(scene.framesOf('unsubscribe')).toHaveLength(1));

    expect(rt.counter('votes')).not.toBe(common);
  });

  it('tells each of its objects its end once, and is another one for a listener to the end', async () => {
    const rt = await online(scene.open());
    const votes = rt.counter('votes');
    const states: string[] = [];
    const next = Promise.withResolvers<unknown>();
    votes.on('state', (state) => {
      if (state === 'ended') next.resolve(rt.counter('votes'));
    });
    const separate = rt.counter('votes', { separate: true });
    separate.on('state', (state) => states.push(state));
    await eventually(() => expect(votes.state).toBe('live'));

    votes.unsubscribe();
    const other = await next.promise;
    rt.close();

    expect(other).not.toBe(votes);
    expect(states).toEqual(['live', 'ended']);
  });

  it('has the right value after a reconnect', async () => {
    const rt = await online(scene.open());
    const votes = rt.counter('votes');
    await eventually(() => expect(votes.state).toBe('live'));
    scene.backend.cut();
    scene.backend.change('votes', 41);
    const waited = votes.increment();

    await scene.reconnect(rt);

    await expect(waited).resolves.toBe(42);
    expect(votes.value).toBe(42);
  });
});
