import { VIEW } from '../../../local/view/bounds.ts';
import { connectionItems } from '../../../local/view/connection-items.ts';
import { maskTokens } from '../../../local/view/mask-tokens.ts';
import { createObservations, type Observations } from '../../../local/view/observations.ts';
import { invocationDetails } from '../../../local/view/view-state.ts';
import type { TableModel } from '../../../local/model.ts';

const begun = (requestId: string, payload = '{}') => ({
  requestId,
  functionName: 'f',
  functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
  payload,
});

describe('what the view keeps', () => {
  let nowMs: number;
  let kept: Observations;

  beforeEach(() => {
    nowMs = 1_000;
    kept = createObservations(() => nowMs);
  });

  it('has an invocation from its begin, and its result from its end', () => {
    const end = kept.observe(begun('one'));
    const [running] = kept.invocations();
    expect(running).toMatchObject({ requestId: 'one', startedAt: 1_000, isWhole: true });
    expect(running?.result).toBeUndefined();

    nowMs = 1_250;
    end({ kind: 'success', payload: '{"statusCode":200}' });

    expect(running?.result).toEqual({ kind: 'success', text: '{"statusCode":200}', durationMs: 250 });
  });

  it('is the newest invocations only, and the beginning of a long event', () => {
    const long = 'x'.repeat(VIEW.payloadCharacters + 1);
    for (let at = 0; at < VIEW.invocations * 3; at += 1) kept.observe(begun(String(at), long));

    const invocations = kept.invocations();
    expect(invocations).toHaveLength(VIEW.invocations);
    expect(invocations[0]).toMatchObject({ requestId: String(VIEW.invocations * 3 - 1), isWhole: false });
    expect(invocations[0]?.event).toHaveLength(VIEW.payloadCharacters);
  });

  it('has each retry of an event as an invocation of its own', async () => {
    kept.observe(begun('one'))({ kind: 'success', payload: '"first"' });
    kept.observe(begun('one'))({ kind: 'success', payload: '"second"' });
    const logs = { ofInvocation: (_name: string, requestId: string) => [`log of ${requestId}`] };
    const details = kept.invocations().map(({ id }) => invocationDetails({ observations: kept, logs }, id));

    expect(details.map((one) => one?.result?.text)).toEqual(['"second"', '"first"']);
    expect(details[0]?.log).toEqual(['log of one']);
  });

  it('counts a refusal that comes again, and forgets the oldest of too many', () => {
    for (let at = 0; at < VIEW.refusals; at += 1) kept.onDenied('f', `no ${at}`);
    kept.onDenied('f', 'no 0');
    kept.onDenied('f', 'one more');

    const refusals = kept.refusals();
    expect(refusals).toHaveLength(VIEW.refusals);
    expect(refusals[1]).toMatchObject({ message: 'no 0', count: 2 });
    expect(refusals.map(({ message }) => message)).not.toContain('no 1');
  });
});

describe('an event that is shown', () => {
  const SECRET = 'eyJhbGciOi.eyJzdWIi.c2ln';
  const handshake = {
    headers: {
      Host: 'localhost',
      AUTHORIZATION: `Bearer ${SECRET}`,
      Cookie: `a="${SECRET}"; b=1`,
      'Sec-WebSocket-Protocol': `distributary.v1, token.${SECRET}`,
    },
    multiValueHeaders: { Authorization: ['x', SECRET], 'Sec-WebSocket-Protocol': ['v1', `token.${SECRET}`] },
    queryStringParameters: { token: SECRET, topics: 'news' },
    multiValueQueryStringParameters: { token: [SECRET, SECRET], topics: ['news'] },
    rawQueryString: `topics=news&token=${SECRET}`,
    cookies: [`a=${SECRET}`],
    body: JSON.stringify({ token: SECRET, ends: 1 }),
  };

  it('has no token, and all else', () => {
    const shown = maskTokens(JSON.stringify(handshake));

    expect(shown).not.toContain(SECRET);
    expect(JSON.parse(shown)).toMatchObject({
      headers: { Host: 'localhost', 'Sec-WebSocket-Protocol': 'distributary.v1, token.•••' },
      multiValueHeaders: { Authorization: ['•••', '•••'] },
      queryStringParameters: { token: '•••', topics: 'news' },
      body: '{"token":"•••","ends":1}',
    });
  });

  it('has no part of a token either where the event was cut off', () => {
    const text = JSON.stringify(handshake);

    for (let at = 0; at < text.length; at += 1) expect(maskTokens(text.slice(0, at))).not.toContain('eyJhbG');
  });
});

describe('the items of a connection', () => {
  const table = (name: string, ...keys: readonly string[]): TableModel => ({
    logicalId: name,
    name,
    arn: name,
    definition: {
      attributes: [],
      keys: keys.map((key, at) => ({ name: key, type: at === 0 ? 'HASH' : 'RANGE' })),
      indexes: [],
    },
  });

  it('are looked up where a partition key is named like a connection', async () => {
    const asked: unknown[] = [];
    const send = async ({ input }: { readonly input: unknown }) => {
      asked.push(input);
      return { Items: [{ connectionId: { S: 'c' }, topic: { S: 'news' } }] };
    };
    const tables = [table('Topics', 'topic'), table('Subscriptions', 'connectionId', 'topic')];
    const client: unknown = { send };
    const find = connectionItems(tables, Object(client));

    expect(await find('c')).toEqual([{ table: 'Subscriptions', keys: ['news'] }]);
    expect(asked).toMatchObject([{ TableName: 'Subscriptions', ExpressionAttributeValues: { ':id': { S: 'c' } } }]);
  });
});
