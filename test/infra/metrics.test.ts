import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { METRICS_NAMESPACE } from '../../shared/config.ts';
import { lambdaContext, messageEvent } from '../helpers/lambda-events.ts';
import { isSum, sumOf, metricAlarmOf } from './alarm-reading.ts';
import { ROOT, synthesizeStack } from './synthesized-stack.ts';

const stack = synthesizeStack();

const handlers = globSync('handlers/*.ts', { cwd: ROOT }).map((file) => readFileSync(join(ROOT, file), 'utf8'));

/** Returns all texts that a pattern's first group matches. */
const found = (text: string, pattern: RegExp): string[] =>
  Array.from(text.matchAll(pattern), ([, group]) => group ?? '');

/** Returns the names in the first argument of `addMetric`, which may be a choice of two. */
const metricsIn = (source: string): string[] =>
  found(source, /addMetric\(([^,]+),/g).flatMap((argument) => found(argument, /'(\w+)'/g));

/** Returns the service of a Lambda or of a route. */
const servicesIn = (source: string): string[] => [
  ...found(source, /createLambda<[^(]*>\('([\w-]+)'\)/g),
  ...found(source, /\broute\('([\w-]+)',/g),
  ...found(source, /frameRoute(?:<[^(]*>)?\(\{\s*name: '([\w-]+)'/g),
];

/** Returns `service/metric` for each metric that the handlers write. Every route writes the metrics of route.ts. */
function emitted(): string[] {
  const isWrapper = (source: string) => source.includes('export function frameRoute');
  const ofRoutes = handlers.filter(isWrapper).flatMap(metricsIn);
  return handlers
    .filter((source) => !isWrapper(source))
    .flatMap((source) => {
      const names = source.includes('createLambda<') ? metricsIn(source) : ofRoutes;
      return servicesIn(source).flatMap((service) => names.map((name) => `${service}/${name}`));
    });
}

/**
 * Returns the dashboard's metrics of our namespace as `service/metric`. A row may abbreviate parts of the row above.
 */
function shown(): string[] {
  const [dashboard] = [...stack.ofType('AWS::CloudWatch::Dashboard').values()];
  const { widgets }: { widgets: readonly { properties: { metrics?: readonly (readonly unknown[])[] } }[] } = JSON.parse(
    stack.read(dashboard?.Properties['DashboardBody']),
  );
  return widgets
    .flatMap(({ properties }) => properties.metrics ?? [])
    .filter(([namespace]) => namespace === METRICS_NAMESPACE)
    .map(([, name, , service]) => `${String(service)}/${String(name)}`);
}

/** Returns the alarms' metrics of our namespace. */
const watched = (): string[] =>
  [...stack.ofType('AWS::CloudWatch::Alarm').values()]
    .flatMap((alarm) => (isSum(alarm) ? sumOf(stack, alarm).metrics : [metricAlarmOf(stack, alarm)]))
    .filter(({ metric }) => metric.startsWith(`${METRICS_NAMESPACE} `))
    .map(({ metric, dimensions }) => `${dimensions['service']}/${metric.slice(METRICS_NAMESPACE.length + 1)}`);

const sorted = (names: readonly string[]): string[] => [...new Set(names)].toSorted();

describe('the metrics of the handlers', () => {
  it('are found for every Lambda', () => {
    const services = new Set(emitted().map((name) => name.split('/')[0]));

    expect(services.size).toBe(stack.ofType('AWS::Lambda::Function').size);
  });

  it('are all on the dashboard, and the dashboard shows no other', () => {
    expect(sorted(shown())).toEqual(sorted(emitted()));
  });

  it('are written by some handler when an alarm watches them', () => {
    const written = new Set(emitted());

    expect(watched().length).toBe(13);
    expect(watched().filter((name) => !written.has(name))).toEqual([]);
  });

  it('are written in the namespace and with the one dimension that alarms and dashboard name', () => {
    const url = new URL('../../handlers/ping.ts', import.meta.url).href;
    const event = JSON.stringify(messageEvent('A=', { action: 'ping' }));
    const script = `const { handler } = await import('${url}'); await handler(${event}, ${JSON.stringify(lambdaContext)});`;

    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { AWS_REGION: 'eu-central-1', AWS_LAMBDA_FUNCTION_NAME: 'ping', SUBSCRIPTIONS_TABLE: 'subscriptions' },
    });

    const emf = stdout.split('\n').find((line) => line.includes('CloudWatchMetrics')) ?? '{}';
    expect(JSON.parse(emf)).toMatchObject({
      _aws: {
        CloudWatchMetrics: [
          {
            Namespace: METRICS_NAMESPACE,
            Dimensions: [['service']],
            Metrics: [{ Name: 'Frames', Unit: 'Count' }],
          },
        ],
      },
      service: 'ping',
      Frames: 1,
    });
  });
});
