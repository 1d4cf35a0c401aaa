import { openKnown, refusedStatus, route, ROUTES, startHarness, stopAll } from './gateway-harness.ts';

afterEach(stopAll);

const TWO_STAGES = {
  stages: [
    { name: 'live', routes: ROUTES },
    { name: 'test', routes: [...ROUTES, route('only', 'echo', { returnsResponse: true })] },
  ],
};
const SIGNED = { headers: { Authorization: 'AWS4-HMAC-SHA256 x' } };

describe('an API with two stages', () => {
  it('has the routes of the stage that a client connects to, and its name in events', async () => {
    const harness = await startHarness({ api: TWO_STAGES });
    const live = await openKnown(harness);
    const test = await openKnown({ ...harness, url: harness.url.replace(/live$/, 'test') });

    live.send({ action: 'only' });
    test.send({ action: 'only' });

    expect(await live.next()).toMatch(/^{"message": "Forbidden"/);
    expect(await test.next()).toBe('{"action":"only"}');
    expect(harness.seen('connect').map(({ requestContext }) => requestContext['stage'])).toEqual(['live', 'test']);
  });

  it('has connections of each stage apart: the other one says that they are gone', async () => {
    const harness = await startHarness({ api: TWO_STAGES });
    const client = await openKnown(harness);
    const post = async (url: string): Promise<number> =>
      (await fetch(url, { method: 'POST', body: 'hello', ...SIGNED })).status;

    const other = await post(harness.callbackUrl(client.id).replace('/live/', '/test/'));
    const own = await post(harness.callbackUrl(client.id));

    expect([other, own]).toEqual([410, 200]);
    expect(await client.next()).toBe('hello');
    expect(harness.gateway.connectionCount()).toBe(1);
  });

  it('refuses a stage that it does not have', async () => {
    const harness = await startHarness({ api: TWO_STAGES });

    expect(await refusedStatus(harness.url.replace(/live$/, 'prod'))).toBe(403);
  });
});

describe('a gateway without an API', () => {
  it('serves the page, and refuses upgrades and posts', async () => {
    const page = (_: unknown, response: { end: (text: string) => void }): void => response.end('the page');
    const harness = await startHarness({ api: { stages: [] }, deps: { page } });
    const address = `http://127.0.0.1:${harness.gateway.port}`;

    expect(await (await fetch(address)).text()).toBe('the page');
    expect(await refusedStatus(harness.url)).toBe(403);
  });
});
