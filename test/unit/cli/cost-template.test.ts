import { TEMPLATE } from '../../../cli/cost/assumptions.ts';
import { isSum, sumOf } from '../../infra/alarm-reading.ts';
import { synthesizeStack } from '../../infra/synthesized-stack.ts';

const stack = synthesizeStack();

/** Share by which the figures may differ before the cost meter counts as wrong. */
const TOLERATED = 0.15;

const off = (assumed: number, real: number): number => Math.abs(assumed - real) / real;

describe('what the cost meter knows of the template', () => {
  it('is the memory of its functions', () => {
    const sizes = [...stack.ofType('AWS::Lambda::Function').values()].map(({ Properties }) => Properties['MemorySize']);

    expect(new Set(sizes)).toEqual(new Set([TEMPLATE.ROUTE_MB, TEMPLATE.FANOUT_MB]));
  });

  it('is about the number of its alarms’ metrics', () => {
    const alarms = [...stack.ofType('AWS::CloudWatch::Alarm').values()];
    const metrics = alarms.reduce((sum, alarm) => sum + (isSum(alarm) ? sumOf(stack, alarm).metrics.length : 1), 0);

    expect(off(TEMPLATE.ALARM_METRICS, metrics)).toBeLessThan(TOLERATED);
  });

  it('is its dashboard and the throttle of its stage', () => {
    const [stage] = [...stack.ofType('AWS::ApiGatewayV2::Stage').values()];

    expect(stack.ofType('AWS::CloudWatch::Dashboard').size).toBe(TEMPLATE.DASHBOARDS);
    expect(stage?.Properties['DefaultRouteSettings']).toMatchObject({
      ThrottlingRateLimit: TEMPLATE.STAGE_FRAMES_PER_SECOND,
    });
  });
});
