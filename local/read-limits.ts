import type { GatewayLimits } from './gateway/limits.ts';
import type { LambdaLimits } from './lambda/lambda-limits.ts';
import { RuntimeSetupError } from './model.ts';

/** The limits of a run that differ from those of AWS. */
export interface ChangedLimits {
  readonly gateway: Partial<GatewayLimits>;
  readonly lambda: Partial<LambdaLimits>;
}

/** Longest time that a timer of Node.js takes, in ms: 24 days. */
const TIMER_MAXIMUM_MS = 2_147_483_647;

type Unit = 'time' | 'size' | 'count';

/** A limit as the option names it. */
type Limit =
  | { readonly unit: Unit; readonly gateway: keyof GatewayLimits }
  | { readonly unit: Unit; readonly lambda: keyof LambdaLimits; readonly perUnit?: number };

/** The limits that `--limits` may change, by their names. */
const LIMITS: Readonly<Record<string, Limit>> = {
  authorizer: { unit: 'time', gateway: 'authorizerTimeoutMs' },
  buffer: { unit: 'size', gateway: 'slowConsumerBytes' },
  environments: { unit: 'count', lambda: 'concurrencyPerFunction' },
  'event-retry': { unit: 'time', lambda: 'eventRetryMs' },
  frame: { unit: 'size', gateway: 'frameBytes' },
  idle: { unit: 'time', gateway: 'idleMs' },
  'in-flight': { unit: 'count', gateway: 'messagesInFlight' },
  init: { unit: 'time', lambda: 'initMs' },
  lifetime: { unit: 'time', gateway: 'durationMs' },
  message: { unit: 'size', gateway: 'messageBytes' },
  request: { unit: 'size', lambda: 'requestBytes' },
  response: { unit: 'size', lambda: 'responseBytes' },
  warm: { unit: 'time', lambda: 'idleSeconds', perUnit: 1_000 },
};

/** The factors of the units of times (ms) and sizes (bytes). A count has none. */
const FACTORS: Readonly<Record<Unit, Readonly<Record<string, number>>>> = {
  time: { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 },
  size: { B: 1, KB: 1_024, MB: 1_048_576 },
  count: { '': 1 },
};

/** Reads the value of `--limits`, such as `idle=5s,lifetime=20s,message=8KB`. Throws RuntimeSetupError. */
export function readLimits(text: string): ChangedLimits {
  const [gateway, lambda]: [Record<string, number>, Record<string, number>] = [{}, {}];
  for (const part of text.split(',').filter((one) => one !== '')) {
    const [name = '', value = ''] = part.split('=');
    const limit = Object.hasOwn(LIMITS, name) ? LIMITS[name] : undefined;
    if (limit === undefined) {
      throw new RuntimeSetupError(`--limits: ${name} is not known: ${Object.keys(LIMITS).join(', ')}`);
    }
    const number = valueOf(name, value, limit.unit);
    if ('gateway' in limit) gateway[limit.gateway] = number;
    else lambda[limit.lambda] = number / (limit.perUnit ?? 1);
  }
  return { gateway, lambda };
}

function valueOf(name: string, text: string, unit: Unit): number {
  const [, digits = '', suffix = ''] = /^(\d+)([A-Za-z]*)$/.exec(text) ?? [];
  const value = Number(digits) * (FACTORS[unit][suffix] ?? Number.NaN);
  if (digits !== '' && value > 0 && value <= TIMER_MAXIMUM_MS) return value;
  const units = Object.keys(FACTORS[unit]).filter((one) => one !== '');
  const form = units.length === 0 ? 'a whole number from 1' : `a whole number with ${units.join(', ')}`;
  throw new RuntimeSetupError(`--limits: ${name} is ${form}, not ${text}`);
}
