import {
  GetEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  type UpdateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda';
import { eventually } from '../helpers/eventually.ts';
import { openLambdaShop } from '../helpers/lambda-shop.ts';

describe('Lambda’s API of event source mappings, in a running application', () => {
  let shop: Awaited<ReturnType<typeof openLambdaShop>>;

  beforeAll(async () => {
    shop = await openLambdaShop();
  });

  afterAll(() => shop.close());

  const stateOf = async (UUID: string | undefined) =>
    (await shop.lambda.send(new GetEventSourceMappingCommand({ UUID }))).State;

  test('tells of a stream’s mapping with all its settings', async () => {
    const mapping = await shop.mappingOf('Read');

    const { $metadata, ...told } = await shop.lambda.send(new GetEventSourceMappingCommand({ UUID: mapping.UUID }));

    expect($metadata.httpStatusCode).toBe(200);
    expect(told).toEqual({
      UUID: expect.stringMatching(/^[\da-f-]{36}$/),
      EventSourceMappingArn: expect.stringMatching(new RegExp(`:event-source-mapping:${mapping.UUID}$`)),
      EventSourceArn: shop.application.tables[0]?.streamArn,
      FunctionArn: expect.stringContaining(shop.functionOf('Read').arn),
      StartingPosition: 'LATEST',
      BatchSize: 7,
      MaximumBatchingWindowInSeconds: 0,
      ParallelizationFactor: 1,
      MaximumRecordAgeInSeconds: -1,
      MaximumRetryAttempts: 1,
      BisectBatchOnFunctionError: true,
      TumblingWindowInSeconds: 0,
      DestinationConfig: { OnFailure: { Destination: expect.stringMatching(/^arn:aws:s3:::/) } },
      FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      LastModified: expect.any(Date),
      LastProcessingResult: 'No records processed',
      State: 'Enabled',
      StateTransitionReason: 'User action',
    });
  });

  test('lists mappings by their source, and none of a source that is not here', async () => {
    const EventSourceArn = shop.application.queues[0]?.arn;

    const ofQueue = await shop.lambda.send(new ListEventSourceMappingsCommand({ EventSourceArn }));
    const ofNone = await shop.lambda.send(
      new ListEventSourceMappingsCommand({ EventSourceArn: `${EventSourceArn}-2` }),
    );
    const paged = await shop.lambda.send(new ListEventSourceMappingsCommand({ MaxItems: 1 }));

    expect(ofQueue.EventSourceMappings).toMatchObject([{ BatchSize: 10, StateTransitionReason: 'USER_INITIATED' }]);
    expect(ofNone.EventSourceMappings).toEqual([]);
    expect(paged.EventSourceMappings).toHaveLength(1);
    expect(paged.NextMarker).toBeDefined();
    await expect(shop.lambda.send(new ListEventSourceMappingsCommand({ FunctionName: 'other' }))).rejects.toMatchObject(
      {
        name: 'ResourceNotFoundException',
      },
    );
  });

  test('stops a stream’s poller, which goes on from its place', async () => {
    const { UUID } = await shop.mappingOf('Read');
    await shop.put('first');
    await eventually(() => shop.said('read first').length === 1);

    const answer = await shop.update({ UUID, Enabled: false });
    await eventually(async () => expect(await stateOf(UUID)).toBe('Disabled'));
    await shop.put('while disabled');
    // The poller would have read it by the time at which another function has run.
    await shop.ask({ body: 'later' });
    await eventually(() => shop.said('worked later').length === 1);
    const silent = shop.said('read while disabled');
    const enabled = await shop.update({ UUID, Enabled: true });
    await eventually(() => shop.said('read while disabled').length === 1);

    expect(answer).toMatchObject({ State: 'Disabling', $metadata: { httpStatusCode: 202 } });
    expect(silent).toEqual([]);
    expect(enabled.State).toBe('Enabling');
    await eventually(async () => expect(await stateOf(UUID)).toBe('Enabled'));
    expect(shop.said('read first')).toHaveLength(1);
  });

  test('stops a queue’s poller, which finds its messages later', async () => {
    const { UUID } = await shop.mappingOf('Work');
    await shop.update({ UUID, Enabled: false });
    await eventually(async () => expect(await stateOf(UUID)).toBe('Disabled'));

    await shop.ask({ body: 'waiting' });
    const silent = shop.said('worked waiting');
    await shop.update({ UUID, Enabled: true });

    await eventually(() => shop.said('worked waiting').length === 1);
    expect(silent).toEqual([]);
  });

  test('changes a setting, and tells how the last batch ended', async () => {
    const { UUID } = await shop.mappingOf('Read');

    const answer = await shop.update({ UUID, MaximumRetryAttempts: 0 });

    expect(answer).toMatchObject({ State: 'Updating', MaximumRetryAttempts: 0 });
    await eventually(async () => expect(await stateOf(UUID)).toBe('Enabled'));
    await shop.put('bad');
    await eventually(async () => expect((await shop.mappingOf('Read')).LastProcessingResult).toMatch(/^PROBLEM/));
    await eventually(() => shop.bench.runtime.idle());
    expect(shop.said('read bad')).toHaveLength(1);
  });

  test.each<[string, Omit<UpdateEventSourceMappingCommandInput, 'UUID'>, string]>([
    ['a number out of its range', { ParallelizationFactor: 11 }, 'ValidationException'],
    ['a setting that stays here', { TumblingWindowInSeconds: 5 }, 'InvalidParameterValueException'],
  ])('refuses %s, and changes nothing', async (_what, changes, name) => {
    const before = await shop.mappingOf('Read');

    await expect(shop.update({ UUID: before.UUID, BatchSize: 2, ...changes })).rejects.toMatchObject({ name });

    expect((await shop.mappingOf('Read')).BatchSize).toBe(before.BatchSize);
  });

  test('knows no other mapping', async () => {
    const UUID = '00000000-0000-0000-0000-000000000000';
    const unknown = { name: 'ResourceNotFoundException', message: 'The resource you requested does not exist.' };

    await expect(stateOf(UUID)).rejects.toMatchObject(unknown);
    await expect(shop.update({ UUID, Enabled: false })).rejects.toMatchObject(unknown);
  });
});
