import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { METRICS_NAMESPACE } from '../../shared/config.ts';
import { messageEvent } from '../helpers/lambda-events.ts';
import { runHandler } from '../helpers/run-handler.ts';
import { isSum, sumOf, metricAlarmOf } from './alarm-reading.ts';
import { constructStack } from './synthesized-construct.ts';
import { ROOT, synthesizeStack, type SynthesizedStack } from './synthesized-stack.ts';

/** The stack with all Lambdas: without authentication it has no authorizer. */
const stack = synthesizeStack({
  auth: { issuer: 'https://idp.example', audience: 'app', jwksUri: 'https://idp.example/jwks.json' },
});

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
 * Returns the dashboard's metrics of our namespace as `service/metric of stack`. A row may abbreviate parts of the row
 * above.
 */
function shown(of: SynthesizedStack = stack): string[] {
  const [dashboard] = [...of.ofType('AWS::CloudWatch::Dashboard').values()];
  const { widgets }: { widgets: readonly { properties: { metrics?: readonly (readonly unknown[])[] } }[] } = JSON.parse(
    of.read(dashboard?.Properties['DashboardBody']),
  );
  return widgets
    .flatMap(({ properties }) => properties.metrics ?? [])
    .filter(([namespace]) => namespace === METRICS_NAMESPACE)
    .map(([, name, , service, , stackName]) => `${String(service)}/${String(name)} of ${String(stackName)}`);
}

/** Returns the alarms' metrics of our namespace. */
const watched = (): string[] =>
  [...stack.ofType('AWS::CloudWatch::Alarm').values()]
    .flatMap((alarm) => (isSum(alarm) ? sumOf(stack, alarm).metrics : [metricAlarmOf(stack, alarm)]))
    .filter(({ metric }) => metric.startsWith(`${METRICS_NAMESPACE} `))
    .map(
      ({ metric, dimensions: { service, stack: of } }) =>
        `${service}/${metric.slice(METRICS_NAMESPACE.length + 1)} of ${of}`,
    );

/** The Lambdas that only a stack with topics from tables has. */
const SOURCES = new Set(['from-table']);

const isOfSource = (name: string): boolean => SOURCES.has(name.split('/')[0] ?? '');

const sorted = (names: readonly string[]): string[] => [...new Set(names)].toSorted();

describe('the metrics of the handlers', () => {
  it('are found for every Lambda', () => {
    const services = new Set(emitted().map((name) => name.split('/')[0]));

    expect(services.size).toBe(stack.ofType('AWS::Lambda::Function').size + SOURCES.size);
  });

  it('are all on the dashboard, and the dashboard shows no other', () => {
    const own = emitted().filter((name) => !isOfSource(name));

    expect(sorted(shown())).toEqual(sorted(own.map((name) => `${name} of ${stack.stackName}`)));
  });

  it('of topics from tables are on the dashboard of a stack that has them', () => {
    const ofSources = shown(constructStack('Shop')).filter(isOfSource);

    expect(sorted(ofSources)).toEqual(
      sorted(
        emitted()
          .filter(isOfSource)
          .map((name) => `${name} of Shop/Live`),
      ),
    );
  });

  it('are written by some handler when an alarm watches them', () => {
    const written = new Set(emitted().map((name) => `${name} of ${stack.stackName}`));

    expect(watched().length).toBe(15);
    expect(watched().filter((name) => !written.has(name))).toEqual([]);
  });

  it('are written in the namespace and with the dimensions that alarms and dashboard name', () => {
    const lines = runHandler({
      handler: 'ping',
      event: messageEvent('A=', { action: 'ping' }),
      environment: { SUBSCRIPTIONS_TABLE: 'subscriptions', STACK_NAME: 'Next' },
    });

    expect(lines.find((line) => '_aws' in line)).toMatchObject({
      _aws: {
        CloudWatchMetrics: [
          {
            Namespace: METRICS_NAMESPACE,
            Dimensions: [['service', 'stack']],
            Metrics: [{ Name: 'Frames', Unit: 'Count' }],
          },
        ],
      },
      service: 'ping',
      stack: 'Next',
      Frames: 1,
    });
  });
});
