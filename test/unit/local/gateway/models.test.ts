import type { RouteModel } from '../../../../local/model.ts';
import { openKnown, ROUTES, route, startHarness, stopAll } from './gateway-harness.ts';

afterEach(stopAll);

/** A route `echo` whose messages must match a model of the key that their `action` is, or the default one. */
const modelled = (schemas: Readonly<Record<string, unknown>>, selection = '$request.body.action'): RouteModel[] => [
  ...ROUTES.filter(({ routeKey }) => routeKey !== 'echo'),
  route('$default', 'echo', { returnsResponse: true, requestModels: { selection, schemas } }),
];

describe('a route with models', () => {
  it.each([
    '{"action":{"toString":1}}',
    `{"action":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
    '{"action":"constructor"}',
    'not JSON',
  ])('answers a message whose key cannot be one by the default model', async (body) => {
    const harness = await startHarness({ routes: modelled({ $default: { required: ['letter'] } }) });
    const client = await openKnown(harness);

    client.send(body);

    expect(JSON.parse(await client.next())).toMatchObject({ message: 'Bad request body' });
  });

  it.each([
    [{ type: 'thing' }, 'type must be'],
    [{ $ref: 'https://elsewhere.example/Letter' }, "can't resolve reference"],
  ])('is refused at the start with the schema %p', async (schema, reason) => {
    await expect(startHarness({ routes: modelled({ $default: schema }) })).rejects.toThrow(
      new RegExp(`the model \\$default of the route \\$default cannot be read: .*${reason}`),
    );
  });

  it('takes the id of a schema of draft 4, and asks for members of the message alone', async () => {
    const schema = { id: 'http://example.org/letter', required: ['constructor'] };
    const harness = await startHarness({ routes: modelled({ $default: schema }) });
    const client = await openKnown(harness);

    client.send({});
    const refused = await client.next();
    client.send({ constructor: 1 });

    expect(JSON.parse(refused)).toMatchObject({ message: 'Bad request body' });
    expect(await client.next()).toBe('{"constructor":1}');
  });

  it('refuses a text whose pattern takes too long, and serves the next one', async () => {
    const schema = { properties: { text: { pattern: '^(x+x+)+y$' } } };
    const harness = await startHarness({ routes: modelled({ $default: schema }) });
    const client = await openKnown(harness);

    client.send({ text: 'x'.repeat(60) });
    client.send({ text: 'xxy' });

    expect(JSON.parse(await client.next())).toMatchObject({ message: 'Bad request body' });
    expect(await client.next()).toBe('{"text":"xxy"}');
    expect(harness.warnings).toEqual(['the model of $default: its evaluation takes over 1000 ms']);
  });
});
