import { gate, openClient, openKnown, route, ROUTES, startHarness, stopAll } from './gateway-harness.ts';

afterEach(stopAll);

describe('a message', () => {
  it('that matches no route is forbidden, in the exact text of AWS, and the connection stays', async () => {
    const harness = await startHarness();
    const client = await openKnown(harness);

    client.send({ action: 'unheard-of' });
    const frame = await client.next();
    client.send({ action: 'echo' });

    expect(frame).toBe(`{"message": "Forbidden", "connectionId":"${client.id}", "requestId":"${requestIdOf(frame)}"}`);
    expect(await client.next()).toBe('{"action":"echo"}');
  });

  it.each([
    'not json',
    '{action: "echo"}',
    '{}',
    '[1]',
    '3',
    'null',
    '{"action":"$connect"}',
    '{"action":"$disconnect"}',
  ])('like %s goes to $default', async (body) => {
    const harness = await startHarness({ routes: [...ROUTES, route('$default', 'fallback')] });
    const client = await openClient(harness.url);

    client.send(body);

    expect((await harness.event('fallback')).body).toBe(body);
  });

  it('is answered with the body of the result, whatever its status', async () => {
    const harness = await startHarness({ script: { echo: () => ({ statusCode: 500, body: 'as it is' }) } });
    const client = await openClient(harness.url);

    client.send({ action: 'echo' });

    expect(await client.next()).toBe('as it is');
  });

  it.each([{ statusCode: 200 }, { statusCode: 200, body: null }, {}])(
    'whose result %p has no body is not answered',
    async (result) => {
      const results = [result, { body: 'second' }];
      const harness = await startHarness({ script: { echo: () => results.shift() } });
      const client = await openClient(harness.url);

      client.send({ action: 'echo' });
      await harness.event('echo');
      client.send({ action: 'echo' });

      expect(await client.next()).toBe('second');
    },
  );

  it.each([
    null,
    undefined,
    'text',
    3,
    [],
    { body: 3 },
    { body: { a: 1 } },
    { statusCode: 'OK' },
    { statusCode: 200, headers: 'none' },
    { statusCode: 200, message: 'a member that API Gateway does not know' },
  ])('of a two-way route whose result is the malformed %p is answered Internal server error', async (result) => {
    const harness = await startHarness({ script: { echo: () => result } });
    const client = await openKnown(harness);

    client.send({ action: 'echo' });
    const frame = await client.next();

    expect(frame).toBe(
      `{"message": "Internal server error", "connectionId":"${client.id}", "requestId":"${requestIdOf(frame)}"}`,
    );
    expect(harness.warnings).toEqual([expect.stringContaining('malformed')]);
  });

  it('of a one-way route is answered Internal server error for a malformed result, and not at all for none', async () => {
    const results = [undefined, null, 'text'];
    const harness = await startHarness({ script: { quiet: () => results.shift() } });
    const client = await openClient(harness.url);

    for (let sent = 0; sent < 3; sent += 1) client.send({ action: 'quiet' });
    await harness.event('quiet', 2);

    expect(JSON.parse(await client.next())).toMatchObject({ message: 'Internal server error' });
    expect(client.frames).toHaveLength(1);
  });

  it('of a one-way route is not answered', async () => {
    const harness = await startHarness({ script: { quiet: () => ({ statusCode: 200, body: 'lost' }) } });
    const client = await openClient(harness.url);

    client.send({ action: 'quiet' });
    await harness.event('quiet');
    client.send({ action: 'echo' });

    expect(await client.next()).toBe('{"action":"echo"}');
  });

  it.each([
    ['one-way route', route('fails', 'fails')],
    ['two-way route', route('fails', 'fails', { returnsResponse: true })],
    ['route without permission', route('fails', 'echo', { permitted: false })],
    [
      'route without integration',
      { routeKey: 'fails', returnsResponse: false, integrationTimeoutMs: 1000, permitted: true },
    ],
  ])('of a %s that fails is answered Internal server error', async (_what, failing) => {
    const harness = await startHarness({
      routes: [...ROUTES, failing],
      script: { fails: () => Promise.reject(new Error('broken')) },
    });
    const client = await openKnown(harness);

    client.send({ action: 'fails' });
    const frame = await client.next();

    const requestId = requestIdOf(frame);
    expect(frame).toBe(
      `{"message": "Internal server error", "connectionId":"${client.id}", "requestId":"${requestId}"}`,
    );
  });

  it('that takes longer than its integration may is answered so, and the connection stays', async () => {
    const never = gate();
    const harness = await startHarness({
      routes: [...ROUTES, route('slow', 'slow', { integrationTimeoutMs: 50 })],
      script: { slow: () => never.wait },
    });
    const client = await openKnown(harness);

    client.send({ action: 'slow' });
    const frame = JSON.parse(await client.next());
    client.send({ action: 'echo' });

    expect(frame).toMatchObject({ message: 'Endpoint request timed out', connectionId: client.id });
    expect(await client.next()).toBe('{"action":"echo"}');
  });

  it('runs at the same time as the others of its connection', async () => {
    const first = gate<unknown>();
    const answers = [first.wait, { body: 'second' }];
    const harness = await startHarness({ script: { echo: () => answers.shift() } });
    const client = await openClient(harness.url);

    client.send({ action: 'echo' });
    client.send({ action: 'echo' });
    const frames = [await client.next()];
    first.open({ body: 'first' });
    frames.push(await client.next());

    expect(frames).toEqual(['second', 'first']);
  });

  it('past the bound in flight is refused, and none is lost', async () => {
    const open = gate<unknown>();
    let running = 0;
    let most = 0;
    const echo = async () => {
      running += 1;
      most = Math.max(most, running);
      await open.wait;
      running -= 1;
      return { body: 'done' };
    };
    const harness = await startHarness({ script: { echo }, limits: { messagesInFlight: 3 } });
    const client = await openClient(harness.url);

    for (let sent = 0; sent < 20; sent += 1) client.send({ action: 'echo' });
    for (let refused = 0; refused < 17; refused += 1) await client.next();
    const begun = harness.seen('echo').length;
    open.open(undefined);
    for (let served = 0; served < 3; served += 1) await client.next();

    expect(begun).toBe(3);
    expect(most).toBe(3);
    expect(client.frames).toHaveLength(20);
    expect(client.frames.filter((frame) => frame === 'done')).toHaveLength(3);
  });

  it('past the throttle of the stage is answered Too Many Requests', async () => {
    const harness = await startHarness({
      stage: { throttle: { ratePerSecond: 1, burst: 2 } },
      deps: { now: () => 1000 },
    });
    const client = await openKnown(harness);

    client.send({ action: 'quiet' });
    client.send({ action: 'quiet' });
    const frame = JSON.parse(await client.next());

    expect(frame).toMatchObject({ message: 'Too Many Requests', connectionId: client.id });
    expect(harness.seen('quiet')).toHaveLength(1);
  });

  it('whose answer is larger than a message may be is a failure', async () => {
    const harness = await startHarness({ script: { echo: () => ({ body: 'x'.repeat(128 * 1024 + 1) }) } });
    const client = await openClient(harness.url);

    client.send({ action: 'echo' });

    expect(JSON.parse(await client.next())).toMatchObject({ message: 'Internal server error' });
  });
});

function requestIdOf(frame: string): string {
  const { requestId } = JSON.parse(frame);
  expect(requestId).toMatch(/^[\w-]{15}=$/);
  return requestId;
}
