import { TEMPLATE } from '../../../cli/cost/assumptions.ts';
import { isSum, sumOf } from '../../infra/alarm-reading.ts';
import { synthesizeStack } from '../../infra/synthesized-stack.ts';

const stack = synthesizeStack();

describe('what the cost meter knows of the template', () => {
  it('is the memory of its functions', () => {
    const sizes = [...stack.ofType('AWS::Lambda::Function').values()].map(({ Properties }) => Properties['MemorySize']);

    expect(new Set(sizes)).toEqual(new Set([TEMPLATE.ROUTE_MB, TEMPLATE.FANOUT_MB]));
  });

  it('is the number of its alarms’ metrics', () => {
    const alarms = [...stack.ofType('AWS::CloudWatch::Alarm').values()];
    const metrics = alarms.reduce((sum, alarm) => sum + (isSum(alarm) ? sumOf(stack, alarm).metrics.length : 1), 0);

    expect(TEMPLATE.ALARM_METRICS).toBe(metrics);
  });

  it('is its dashboard', () => {
    expect(stack.ofType('AWS::CloudWatch::Dashboard').size).toBe(TEMPLATE.DASHBOARDS);
  });

  it.each(Object.entries(TEMPLATE.ROUTE_RATES))('is the rate of the route %s', (route, rate) => {
    const [stage] = [...stack.ofType('AWS::ApiGatewayV2::Stage').values()];

    expect(stage?.Properties['RouteSettings']).toMatchObject({ [route]: { ThrottlingRateLimit: rate } });
  });
});
