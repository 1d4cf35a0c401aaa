import { mappingConfiguration } from '../../../local/lambda/describe-mapping.ts';
import { functionFinder } from '../../../local/lambda/function-finder.ts';
import { createMappingOperations } from '../../../local/lambda/mapping-operations.ts';
import type { Invoke, QueueMappingModel } from '../../../local/model.ts';
import { SwitchedMapping } from '../../../local/switched-mapping.ts';
import { makeMapping, success } from '../../helpers/mapping-fixtures.ts';

const MODEL: QueueMappingModel = {
  logicalId: 'Mapping',
  uuid: 'u-1',
  functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:work',
  queueArn: 'arn:aws:sqs:eu-west-1:123456789012:orders',
  batchSize: 10,
  maximumBatchingWindowSeconds: 0,
  maximumConcurrency: 5,
  reportBatchItemFailures: false,
  filters: [],
  enabled: true,
};

/** A mapping whose pollers stop when the test lets them. */
function openMapping() {
  const stops: { readonly waitMs: number | undefined; readonly finish: () => void }[] = [];
  const started: QueueMappingModel[] = [];
  const invoke: Invoke = async () => ({ outcome: 'success', requestId: '1', payload: null });
  const mapping = new SwitchedMapping(
    { model: MODEL, waitMs: 70 },
    {
      invoke,
      now: () => 5_000,
      start: (model) => {
        started.push(model);
        return { stop: (waitMs?: number) => new Promise<void>((finish) => stops.push({ waitMs, finish })) };
      },
    },
  );
  return { mapping, stops, started };
}

describe('a mapping that can be switched', () => {
  it('waits for what runs before it starts with the new settings', async () => {
    const { mapping, stops, started } = openMapping();

    const isAccepted = mapping.change({ batchSize: 3 });
    const during = [mapping.state, mapping.model.batchSize, started.length];
    stops[0]?.finish();
    await Promise.resolve();
    await Promise.resolve();

    expect([isAccepted, stops[0]?.waitMs, during]).toEqual([true, 70, ['Updating', 3, 1]]);
    expect(started.map(({ batchSize }) => batchSize)).toEqual([10, 3]);
    expect(mapping.state).toBe('Enabled');
  });

  it('takes no second change meanwhile, in the words of the service', () => {
    const { mapping } = openMapping();
    mapping.change({ enabled: false });
    const operations = createMappingOperations({
      mappings: () => [mapping],
      find: functionFinder([]),
      arnStart: 'arn:aws:lambda:eu-west-1:123456789012:event-source-mapping:',
    });

    const answer = operations.update('u-1').run(Buffer.from('{"Enabled":true}'));

    expect(answer).toEqual({
      status: 400,
      errorType: 'ResourceInUseException',
      message: 'Cannot update the event source mapping because it is in use.',
    });
    expect(mapping.state).toBe('Disabling');
  });

  it('does not start again what is stopped for good during a change', async () => {
    const { mapping, stops, started } = openMapping();
    mapping.change({ batchSize: 3 });

    const stopped = mapping.stop();
    for (const { finish } of stops) finish();
    await stopped;

    expect(started).toHaveLength(1);
    expect(mapping.change({ enabled: false })).toBe(false);
    // The runtime waits no longer than for any other mapping.
    expect(stops.map(({ waitMs }) => waitMs)).toEqual([70, undefined]);
  });

  it('tells of the tumbling window of a stream’s mapping', () => {
    const mapping = new SwitchedMapping(
      { model: makeMapping({ tumblingWindowSeconds: 60 }), waitMs: 70 },
      { invoke: async () => success(), now: () => 5_000, start: () => ({ stop: () => Promise.resolve() }) },
    );

    expect(mappingConfiguration(mapping, 'arn:')).toMatchObject({ TumblingWindowInSeconds: 60 });
  });
});
