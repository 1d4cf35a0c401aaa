import { type AlarmSpec, alarmAbove, LASTING, ONCE } from './alarm-list.ts';
import { STREAM_HANDLER } from './http-door.ts';
import type { HandlerFunction } from './handler-function.ts';
import { functionMetric, ownMetric } from './metrics.ts';

/** The HTTP door, as its alarms watch it. */
export interface WatchedDoor {
  /** The value of the metrics' dimension `stack`. */
  readonly stackName: string;
  readonly handler: HandlerFunction;
}

/** Returns the alarms of the HTTP door: requests that fail, a function that fails, and readers that find no room. */
export const doorAlarms = ({ stackName: stack, handler }: WatchedDoor): readonly AlarmSpec[] => [
  alarmAbove({
    id: 'FailedRequests',
    metric: ownMetric({ stack, service: STREAM_HANDLER }, { name: 'FailedRequests' }),
    threshold: 5,
    ...LASTING,
    runbook: 'Requests by HTTP fail',
  }),
  alarmAbove({
    id: 'HttpErrors',
    metric: functionMetric(handler, { name: 'Errors' }),
    ...ONCE,
    runbook: 'A function has errors',
  }),
  alarmAbove({
    id: 'HttpThrottles',
    metric: functionMetric(handler, { name: 'Throttles' }),
    threshold: 5,
    ...LASTING,
    runbook: 'The HTTP door is full',
  }),
];
