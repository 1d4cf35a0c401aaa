import { type ArchivedMessage, listMessages } from '../../../shared/store/messages.ts';
import { findHead } from '../../../shared/store/topics.ts';
import { type FanoutStage, invokeStream, startFanoutStage } from '../../helpers/fanout-stage.ts';
import { invokeRoute } from '../../helpers/invoke-route.ts';
import { TABLE_NAMES } from '../../helpers/tables.ts';

const [FIRST, SECOND] = ['1-58406520-a006649127e371903a2de979', '1-58406521-a006649127e371903a2de979'] as const;

describe('the trace of a request', () => {
  let stage: FanoutStage;

  beforeAll(async () => {
    stage = await startFanoutStage();
  });

  afterAll(() => stage.close());

  /** Sends a frame in an invocation with this trace header, or with none. */
  async function send(frame: { readonly action: string; readonly [field: string]: unknown }, root?: string) {
    if (root === undefined) delete process.env['_X_AMZN_TRACE_ID'];
    else process.env['_X_AMZN_TRACE_ID'] = `Root=${root};Parent=4c721bf33e3caf8f;Sampled=0`;
    const { handler }: { handler: unknown } = await import(`../../../handlers/${frame.action}.ts`);
    await invokeRoute(handler, frame);
  }

  const headOf = (topic: string) => findHead(stage.engine.client, TABLE_NAMES.topics, topic);

  async function archived(topic: string): Promise<readonly ArchivedMessage[]> {
    const archive = { client: stage.engine.client, table: TABLE_NAMES.messages };
    const head = await headOf(topic);
    return listMessages(archive, { topic, epoch: head?.epoch ?? '', fromSeq: 1, toSeq: 9, bytes: 1_000 });
  }

  it('is on the head that the request wrote, and not on the head of the next request without one', async () => {
    await send({ action: 'publish', topic: 'traced', data: 1 }, FIRST);
    const traced = await headOf('traced');
    await send({ action: 'publish', topic: 'traced', data: 2 });
    const untraced = await headOf('traced');

    expect(traced).toMatchObject({ seq: 1, traceId: FIRST });
    expect(untraced).toMatchObject({ seq: 2 });
    expect(untraced).not.toHaveProperty('traceId');
  });

  it('is the one of its invocation in a warm Lambda too', async () => {
    await send({ action: 'publish', topic: 'warm', data: 1 }, FIRST);
    await send({ action: 'publish', topic: 'warm', data: 2 }, SECOND);

    expect(await headOf('warm')).toMatchObject({ seq: 2, traceId: SECOND });
  });

  it.each([
    ['publish', { topic: 'keyed', data: 1, key: 'k' }, 'keyed'],
    ['publish', { topic: 'silent', data: 1, echo: false }, 'silent'],
    ['plus', { counter: 'votes' }, 'counter:votes'],
    ['minus', { counter: 'keyed', key: 'k' }, 'counter:keyed'],
  ])('is written by %s with %j', async (action, fields, topic) => {
    await send({ action, ...fields }, FIRST);

    expect(await headOf(topic)).toMatchObject({ seq: 1, traceId: FIRST });
  });

  it('stays with the archived message, and is sent to no subscriber', async () => {
    await stage.subscribe('A=', 'kept');
    await send({ action: 'publish', topic: 'kept', data: 1 }, FIRST);
    await send({ action: 'publish', topic: 'kept', data: 2 });
    const { handler } = await import('../../../handlers/broadcast.ts');

    const failures = await invokeStream(handler, await stage.newRecords(TABLE_NAMES.topics));

    expect(failures).toEqual([]);
    expect((await archived('kept')).map(({ traceId }) => traceId)).toEqual([FIRST, undefined]);
    expect(stage.received.get('A=')).toHaveLength(2);
    expect(JSON.stringify(stage.received.get('A='))).not.toMatch(/traceId|1-58406520/);
  });
});
