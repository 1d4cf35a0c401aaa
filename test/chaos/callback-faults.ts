import type { RuntimeDeps } from '../../local/runtime.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { Tally } from './tally.ts';

type Intercept = NonNullable<RuntimeDeps['interceptCallback']>;

/** The answers of `@connections` that replace the real ones, each with its share of the posts. */
const FAULTS = [
  { name: '@connections answers 410', share: 0.003, answer: { statusCode: 410, errorType: 'GoneException' } },
  { name: '@connections answers 429', share: 0.01, answer: { statusCode: 429, errorType: 'LimitExceededException' } },
  { name: '@connections answers 500', share: 0.01, answer: { statusCode: 500 } },
  { name: '@connections answers nothing', share: 0.001, answer: 'hang' },
] as const;

const OUTAGE = { statusCode: 503 } as const;

/** A callback endpoint that fails at random. */
export interface CallbackFaults {
  readonly intercept: Intercept;
  isOn: boolean;
  /** Whether every post fails. */
  isDown: boolean;
  /** The connections that only an outage meets: those by which lateness is measured. */
  readonly spared: Set<string>;
}

/** Call number n is answered by draw number n. */
export function createCallbackFaults(random: SeededRandom, tally: Tally): CallbackFaults {
  const faults: CallbackFaults = {
    isOn: false,
    isDown: false,
    spared: new Set(),
    intercept: ({ method, connectionId }) => {
      if (faults.isDown) {
        tally.add('@connections answers 503 in an outage');
        return OUTAGE;
      }
      if (!faults.isOn || method !== 'POST' || faults.spared.has(connectionId)) return undefined;
      let left = random.next();
      const fault = FAULTS.find(({ share }) => (left -= share) < 0);
      if (fault !== undefined) tally.add(fault.name);
      return fault?.answer;
    },
  };
  return faults;
}
