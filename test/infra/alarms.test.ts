import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSum, sumOf, type MetricAlarm, metricAlarmOf } from './alarm-reading.ts';
import { type NamedResource, ROOT, synthesizeStack } from './synthesized-stack.ts';

const ALARM = 'AWS::CloudWatch::Alarm';
const stack = synthesizeStack();
const alarms = [...stack.ofType(ALARM).values()];

const STAGE = { ApiId: '<WebSocket/Api>', Stage: 'live' };
const functionOf = (id: string) => ({ FunctionName: `<Functions/${id}/Function>` });
const mappingOf = (id: string) => ({ EventSourceMappingUUID: `<Functions/${id}/Stream>` });

const late = (id: string): MetricAlarm => ({
  metric: 'AWS/Lambda IteratorAge',
  dimensions: functionOf(id),
  statistic: 'Maximum',
  threshold: 60_000,
  of: [3, 5],
});

const own = (service: string, name: string, threshold: number): MetricAlarm => ({
  metric: `Distributary ${name}`,
  dimensions: { service, stack: 'Distributary' },
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

/** The alarms on one metric that exceeds a threshold. */
const ALARMS: Readonly<Record<string, MetricAlarm>> = {
  BroadcastLate: late('Broadcast'),
  CatchUpLate: late('CatchUp'),
  PresenceLate: late('Presence'),
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

const LAMBDA = 'AWS/Lambda';
const STREAMS = ['Broadcast', 'CatchUp', 'Presence'];
const POSTERS = ['Broadcast', 'CatchUp', 'ShardWorker', 'Presence'];
const CONNECTS = ['Connect', 'Disconnect'];
const ROUTES = [...stack.ofType('AWS::Lambda::Function').keys()]
  .map((name) => name.split('/')[1] ?? '')
  .filter((id) => !POSTERS.includes(id) && !CONNECTS.includes(id));

const inFunctions = (ids: readonly string[], name: string) =>
  ids.map((id) => ({ metric: `${LAMBDA} ${name}`, dimensions: functionOf(id) }));

const ONCE = { threshold: 1, of: [1, 1] };
const LASTING = { threshold: 5, of: [3, 5] };

/** The alarms on the sum of metrics, each with its threshold. */
const SUMS: Readonly<Record<string, { readonly metrics: readonly object[]; readonly when: object }>> = {
  GivenUp: {
    metrics: STREAMS.map((id) => ({
      metric: `${LAMBDA} OnFailureDestinationDeliveredEventCount`,
      dimensions: mappingOf(id),
    })),
    when: ONCE,
  },
  Lost: { metrics: inFunctions(STREAMS, 'DestinationDeliveryFailures'), when: ONCE },
  RouteErrors: { metrics: inFunctions(ROUTES, 'Errors'), when: ONCE },
  ConnectErrors: { metrics: inFunctions(CONNECTS, 'Errors'), when: ONCE },
  StreamErrors: { metrics: inFunctions(POSTERS, 'Errors'), when: ONCE },
  StreamThrottles: { metrics: inFunctions(POSTERS, 'Throttles'), when: { threshold: 1, of: [2, 5] } },
  FailedFrames: {
    metrics: [
      'subscribe',
      'unsubscribe',
      'publish',
      'plus',
      'minus',
      'onMessage',
      'ping',
      'setPresence',
      'default',
    ].map((service) => ({
      metric: 'Distributary FailedFrames',
      dimensions: { service, stack: 'Distributary' },
    })),
    when: LASTING,
  },
  TablesThrottled: {
    metrics: ['Topics', 'Messages', 'Keys', 'Subscriptions'].flatMap((id) =>
      ['ReadThrottleEvents', 'WriteThrottleEvents'].flatMap((name) =>
        [{}, ...(id === 'Subscriptions' ? [{ GlobalSecondaryIndexName: 'byTopic' }] : [])].map((index) => ({
          metric: `AWS/DynamoDB ${name}`,
          dimensions: { TableName: `<Tables/${id}>`, ...index },
        })),
      ),
    ),
    when: LASTING,
  },
};

const alarmOf = (id: string): NamedResource => stack.get(ALARM, `Monitoring/${id}`);

describe('the alarms', () => {
  it('are these and no others', () => {
    const expected = [...Object.keys(ALARMS), ...Object.keys(SUMS), ...STREAMS.map((id) => `${id}NotRead`)];

    expect(alarms.map(({ name }) => name).toSorted()).toEqual(expected.map((id) => `Monitoring/${id}`).toSorted());
  });

  it.each(Object.entries(ALARMS))('%s watches this metric, with this threshold', (id, watch) => {
    expect(metricAlarmOf(stack, alarmOf(id))).toEqual(watch);
    expect(alarmOf(id).Properties['Period']).toBe(60);
  });

  it.each(Object.entries(SUMS))('%s adds up these metrics, with this threshold', (id, { metrics, when }) => {
    const { Threshold, DatapointsToAlarm, EvaluationPeriods } = alarmOf(id).Properties;

    expect({ threshold: Threshold, of: [DatapointsToAlarm ?? EvaluationPeriods, EvaluationPeriods] }).toEqual(when);
    expect(sumOf(stack, alarmOf(id))).toEqual({ expressions: ['SUM(METRICS())'], metrics, everyMinute: true });
  });

  it.each(STREAMS)('tell when the stream of %s is not polled for a quarter of an hour', (id) => {
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
  });

  it('go off above a threshold and treat missing data as healthy, except the alarms on missing polls', () => {
    const others = alarms.filter(({ name }) => !name.endsWith('NotRead'));

    const kinds = others.map(({ Properties }) => [Properties['ComparisonOperator'], Properties['TreatMissingData']]);
    expect([...new Set(kinds.map((kind) => kind.join()))]).toEqual(['GreaterThanOrEqualToThreshold,notBreaching']);
  });

  it('add up no more metrics than an alarm may', () => {
    const sums = alarms.filter(isSum).map((alarm) => sumOf(stack, alarm).metrics.length);

    expect(Math.max(...sums)).toBeLessThanOrEqual(10);
  });

  it('cost what the operator’s guide says', () => {
    const metrics = alarms.reduce((sum, alarm) => sum + (isSum(alarm) ? sumOf(stack, alarm).metrics.length : 1), 0);
    const guide = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8').replaceAll(/\s+/g, ' ');

    expect(/\d+ alarms on \d+ metrics, .*? a month in all/.exec(guide)?.[0]).toBe(
      `${alarms.length} alarms on ${metrics} metrics, at $0.10 a metric: $${(metrics / 10).toFixed(2)} a month in all`,
    );
  });
});
