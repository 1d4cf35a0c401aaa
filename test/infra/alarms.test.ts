import { isSum, sumOf, type MetricAlarm, metricAlarmOf } from './alarm-reading.ts';
import { type NamedResource, synthesizeStack } from './synthesized-stack.ts';

const ALARM = 'AWS::CloudWatch::Alarm';
const stack = synthesizeStack();
const alarms = [...stack.ofType(ALARM).values()];

const STAGE = { ApiId: '<WebSocket/Api>', Stage: 'live' };
const functionOf = (id: string) => ({ FunctionName: `<Functions/${id}/Function>` });
const mappingOf = (id: string) => ({ EventSourceMappingUUID: `<Functions/${id}/Stream>` });

const once = { statistic: 'Sum', threshold: 1, of: [1, 1] } as const;

const late = (id: string): MetricAlarm => ({
  metric: 'AWS/Lambda IteratorAge',
  dimensions: functionOf(id),
  statistic: 'Maximum',
  threshold: 60_000,
  of: [3, 5],
});

const givenUp = (id: string): MetricAlarm => ({
  metric: 'AWS/Lambda OnFailureDestinationDeliveredEventCount',
  dimensions: mappingOf(id),
  ...once,
});

const lost = (id: string): MetricAlarm => ({
  metric: 'AWS/Lambda DestinationDeliveryFailures',
  dimensions: functionOf(id),
  ...once,
});

const own = (service: string, name: string, threshold: number): MetricAlarm => ({
  metric: `Distributary ${name}`,
  dimensions: { service },
  statistic: name === 'DeliveryLag' ? 'p99' : 'Sum',
  threshold,
  of: [3, 5],
});

const api = (name: string, threshold: number): MetricAlarm => ({
  metric: `AWS/ApiGateway ${name}`,
  dimensions: STAGE,
  statistic: 'Sum',
  threshold,
  of: [3, 5],
});

/** The alarms on one metric that exceeds a threshold, except those of each function. */
const ALARMS: Readonly<Record<string, MetricAlarm>> = {
  BroadcastLate: late('Broadcast'),
  CatchUpLate: late('CatchUp'),
  PresenceLate: late('Presence'),
  BroadcastGivenUp: givenUp('Broadcast'),
  CatchUpGivenUp: givenUp('CatchUp'),
  PresenceGivenUp: givenUp('Presence'),
  BroadcastLost: lost('Broadcast'),
  CatchUpLost: lost('CatchUp'),
  PresenceLost: lost('Presence'),
  DeliveryLag: own('broadcast', 'DeliveryLag', 5_000),
  Throttled: own('broadcast', 'Throttled', 100),
  Undelivered: own('broadcast', 'Undelivered', 100),
  CatchUpFailures: own('catch-up', 'CatchUpFailures', 25),
  FailedConnects: own('connect', 'FailedConnects', 5),
  IntegrationErrors: api('IntegrationError', 25),
  ExecutionErrors: api('ExecutionError', 5),
  ClientErrors: api('ClientError', 500),
  Connects: { ...api('ConnectCount', 24_000), of: [1, 1] },
};

const FUNCTIONS = [...stack.ofType('AWS::Lambda::Function').keys()].map((name) => name.split('/')[1] ?? '');

const alarmOf = (id: string): NamedResource => stack.get(ALARM, `Monitoring/${id}`);

describe('the alarms', () => {
  it('are these and no others', () => {
    const expected = [
      ...Object.keys(ALARMS),
      'FailedFrames',
      'BroadcastNotRead',
      'CatchUpNotRead',
      'PresenceNotRead',
      ...['Topics', 'Messages', 'Keys', 'Subscriptions'].map((table) => `${table}Throttled`),
      ...FUNCTIONS.flatMap((id) => [`${id}Errors`, `${id}Throttles`]),
    ];

    expect(alarms.map(({ name }) => name).toSorted()).toEqual(expected.map((id) => `Monitoring/${id}`).toSorted());
  });

  it.each(Object.entries(ALARMS))('%s watches this metric, with this threshold', (id, watch) => {
    expect(metricAlarmOf(stack, alarmOf(id))).toEqual(watch);
    expect(alarmOf(id).Properties['Period']).toBe(60);
  });

  it.each(FUNCTIONS)('go off at the first error of %s, and at throttles in two minutes of five', (id) => {
    const dimensions = functionOf(id);

    const [errors, throttles] = [
      metricAlarmOf(stack, alarmOf(`${id}Errors`)),
      metricAlarmOf(stack, alarmOf(`${id}Throttles`)),
    ];

    expect(errors).toEqual({ metric: 'AWS/Lambda Errors', dimensions, ...once });
    expect(throttles).toEqual({ metric: 'AWS/Lambda Throttles', dimensions, ...once, of: [2, 5] });
  });

  it.each(['Broadcast', 'CatchUp', 'Presence'])(
    'tell when the stream of %s is not polled for a quarter of an hour',
    (id) => {
      const alarm = alarmOf(`${id}NotRead`);

      expect(metricAlarmOf(stack, alarm)).toEqual({
        metric: 'AWS/Lambda PolledEventCount',
        dimensions: mappingOf(id),
        statistic: 'SampleCount',
        threshold: 1,
        of: [15, 15],
      });
      expect(alarm.Properties).toMatchObject({
        ComparisonOperator: 'LessThanThreshold',
        TreatMissingData: 'breaching',
        Period: 60,
      });
    },
  );

  it('go off above a threshold and treat missing data as healthy, except the alarms on missing polls', () => {
    const others = alarms.filter(({ name }) => !name.endsWith('NotRead'));

    const kinds = others.map(({ Properties }) => [Properties['ComparisonOperator'], Properties['TreatMissingData']]);
    expect([...new Set(kinds.map((kind) => kind.join()))]).toEqual(['GreaterThanOrEqualToThreshold,notBreaching']);
  });

  it('add up the failed frames of every route', () => {
    const alarm = alarmOf('FailedFrames');

    const services = ['subscribe', 'unsubscribe', 'publish', 'plus', 'minus', 'onMessage', 'ping', 'default'];
    expect(alarm.Properties).toMatchObject({ Threshold: 5, DatapointsToAlarm: 3, EvaluationPeriods: 5 });
    expect(sumOf(stack, alarm)).toEqual({
      expressions: ['SUM(METRICS())'],
      metrics: services.map((service) => ({ metric: 'Distributary FailedFrames', dimensions: { service } })),
      everyMinute: true,
    });
  });

  it.each([
    ['Topics', []],
    ['Messages', []],
    ['Keys', []],
    ['Subscriptions', ['byTopic']],
  ])('add up the throttled reads and writes of %s, those of its indexes too', (id, indexes) => {
    const alarm = alarmOf(`${id}Throttled`);

    const TableName = `<Tables/${id}>`;
    const places = [{ TableName }, ...indexes.map((index) => ({ TableName, GlobalSecondaryIndexName: index }))];
    expect(alarm.Properties).toMatchObject({ Threshold: 5, DatapointsToAlarm: 3, EvaluationPeriods: 5 });
    expect(sumOf(stack, alarm)).toEqual({
      expressions: ['SUM(METRICS())'],
      metrics: ['ReadThrottleEvents', 'WriteThrottleEvents'].flatMap((name) =>
        places.map((place) => ({ metric: `AWS/DynamoDB ${name}`, dimensions: place })),
      ),
      everyMinute: true,
    });
  });

  it('add up no more metrics than an alarm may', () => {
    const sums = alarms.filter(isSum).map((alarm) => sumOf(stack, alarm).metrics.length);

    expect(Math.max(...sums)).toBeLessThanOrEqual(10);
  });
});
