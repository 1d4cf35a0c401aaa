import { eventually } from '../../../helpers/eventually.ts';
import { type ScriptedMapping, sequencesOf, startScriptedMapping } from '../../../helpers/scripted-mapping.ts';
import { createScriptedStream, makeEngineRecord } from '../../../helpers/scripted-stream.ts';

type EngineRecord = ReturnType<typeof makeEngineRecord>;

/** Runs a mapping over records until everything is handled. */
async function runToEnd(records: EngineRecord[]): Promise<ScriptedMapping> {
  const stream = createScriptedStream([{ id: 'shard-1', closed: false, records }]);
  const started = startScriptedMapping({ stream, mapping: { failureBucket: 'failures' } });
  await eventually(() => started.mapping.idle());
  await started.mapping.stop();
  return started;
}

describe('A record that cannot be read', () => {
  it('is written to the bucket without its unreadable attributes, and the function never sees it', async () => {
    const unreadable = makeEngineRecord({ sequence: 99 });
    Object.assign(unreadable.dynamodb ?? {}, {
      NewImage: Object.fromEntries([
        ['topic', { S: 'a' }],
        ['__proto__', undefined],
      ]),
    });
    const records = [makeEngineRecord({ sequence: 98 }), unreadable, makeEngineRecord({ sequence: 100 })];

    const started = await runToEnd(records);

    const body = JSON.parse(started.objects[0]?.body ?? '');
    expect(sequencesOf(started.invocations).flat()).toEqual(['98', '100']);
    expect(body.requestContext).toMatchObject({ condition: 'RetryAttemptsExhausted', approximateInvokeCount: 0 });
    expect(JSON.parse(body.payload).Records[0].dynamodb.NewImage).toEqual({ topic: { S: 'a' } });
  });

  it.each([
    ['its creation time is not a time', { ApproximateCreationDateTime: new Date(Number.NaN) }],
    ['an attribute has no value', { Keys: { topic: undefined } }],
  ])('of which %s does not hold up the records after it', async (_what, change) => {
    const unreadable = makeEngineRecord({ sequence: 98 });
    Object.assign(unreadable.dynamodb ?? {}, change);
    const records = [unreadable, makeEngineRecord({ sequence: 99 })];

    const started = await runToEnd(records);

    expect(sequencesOf(started.invocations)).toEqual([['99']]);
    expect(started.objects).toHaveLength(1);
  });
});
