import type { NamedResource, SynthesizedStack } from './synthesized-stack.ts';

interface Dimension {
  readonly Name: string;
  readonly Value: unknown;
}

interface PlainMetric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly Dimension[];
}

interface PlainAlarm extends PlainMetric {
  readonly Statistic?: string;
  readonly ExtendedStatistic?: string;
}

interface MathAlarm {
  readonly Metrics: readonly {
    readonly Id: string;
    readonly Expression?: string;
    readonly MetricStat?: { readonly Metric: PlainMetric; readonly Period: number; readonly Stat: string };
  }[];
}

/** An alarm on one metric, with references written as names. */
export interface MetricAlarm {
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  readonly threshold: number;
  /** The number of datapoints that must breach, and of how many minutes. */
  readonly of: readonly [number, number];
}

const dimensionsOf = (stack: SynthesizedStack, dimensions: readonly Dimension[]) =>
  Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, stack.read(Value)]));

/** Reads an alarm on one metric. */
export function metricAlarmOf(stack: SynthesizedStack, { Properties }: NamedResource): MetricAlarm {
  const { Namespace, MetricName, Dimensions, Statistic, ExtendedStatistic }: PlainAlarm = JSON.parse(
    JSON.stringify(Properties),
  );
  return {
    metric: `${Namespace} ${MetricName}`,
    dimensions: dimensionsOf(stack, Dimensions),
    statistic: Statistic ?? ExtendedStatistic ?? '',
    threshold: Number(Properties['Threshold']),
    of: [
      Number(Properties['DatapointsToAlarm'] ?? Properties['EvaluationPeriods']),
      Number(Properties['EvaluationPeriods']),
    ],
  };
}

/** Whether an alarm is on an expression instead of one metric. */
export const isSum = ({ Properties }: NamedResource): boolean => 'Metrics' in Properties;

/** Reads an alarm on a sum: its expression, and the metrics of the sum. */
export function sumOf(stack: SynthesizedStack, { Properties }: NamedResource) {
  const { Metrics }: MathAlarm = JSON.parse(JSON.stringify(Properties));
  const parts = Metrics.flatMap(({ MetricStat }) => (MetricStat === undefined ? [] : [MetricStat]));
  return {
    expressions: Metrics.flatMap(({ Expression }) => Expression ?? []),
    metrics: parts.map(({ Metric }) => ({
      metric: `${Metric.Namespace} ${Metric.MetricName}`,
      dimensions: dimensionsOf(stack, Metric.Dimensions),
    })),
    everyMinute: parts.every(({ Period, Stat }) => Period === 60 && Stat === 'Sum'),
  };
}
