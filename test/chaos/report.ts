import type { Check } from './checks.ts';
import type { ChaosResult } from './run-chaos.ts';

/** Problems of one check that are named. */
const NAMED = 20;

/** Lists what was injected, as lines for a person. */
export const reportOf = ({ injected }: Pick<ChaosResult, 'injected'>): string[] => [
  'injected:',
  ...injected.map(([name, count]) => `${figure(count)}  ${name}`),
];

/** Lists what was checked, as lines for a person. */
export const linesOf = (checks: readonly Check[]): string[] => [
  'checked:',
  ...checks.flatMap(({ name, count, problems }) => [
    `${figure(count)}  ${name}: ${problems.length === 0 ? 'right' : `${problems.length} WRONG`}`,
    ...problems.slice(0, NAMED).map((problem) => `              ${problem}`),
  ]),
];

/** Whether nothing was found wrong. */
export const areRight = (checks: readonly Check[]): boolean => checks.every(({ problems }) => problems.length === 0);

const figure = (count: number): string => count.toLocaleString('en').padStart(10);
