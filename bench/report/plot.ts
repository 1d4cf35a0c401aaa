import { GOALS, type Goal, isReached } from '../goals.ts';
import { toThreeDigits } from '../harness/statistics.ts';
import type { BenchResult } from './result.ts';

const WIDTH = 860;
const LABELS = 380;
const ROW = 26;
const TOP = 46;
const RIGHT = 60;
/** Maximum decades on each side of the goal: the plot spans a thousandth to a thousand times the goal. */
const DECADES = 3;

interface Bar {
  readonly goal: Goal;
  readonly median: number;
  readonly values: readonly number[];
}

/**
 * Returns an SVG of every goal's ratio over its goal, on one logarithmic scale. Left of the line is better, whichever
 * direction the goal has.
 */
export function plot(results: readonly BenchResult[]): string {
  const bars = GOALS.flatMap((goal) => {
    const ratio = results.find(({ bench }) => bench === goal.bench)?.ratios[goal.key];
    return ratio === undefined ? [] : [{ goal, ...ratio }];
  });
  const height = TOP + bars.length * ROW + 20;
  const reach = reachOf(bars);
  const scale = (share: number): number => LABELS + ((Math.log10(share) / reach + 1) / 2) * (WIDTH - LABELS - RIGHT);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="10" y="20" font-size="14">What is reached of each goal (logarithmic; left of the line: better than the goal)</text>`,
    line(scale(1), TOP - 12, height - 12),
    ...bars.map((bar, index) => drawBar(bar, TOP + index * ROW, scale)),
    '</svg>',
    '',
  ].join('\n');
}

/** Returns how much worse than its goal a ratio is: 1 is the goal itself. */
const shareOf = ({ bound, value }: Goal, measured: number): number =>
  bound === 'at most' ? measured / value : value / measured;

function reachOf(bars: readonly Bar[]): number {
  const logs = bars.flatMap(({ goal, values }) => values.map((value) => Math.abs(Math.log10(shareOf(goal, value)))));
  return Math.min(DECADES, Math.max(0.5, ...logs.filter(Number.isFinite)));
}

const line = (x: number, from: number, to: number): string =>
  `<line x1="${fixed(x)}" x2="${fixed(x)}" y1="${from}" y2="${to}" stroke="#888" stroke-dasharray="4 3"/>`;

function drawBar({ goal, median, values }: Bar, y: number, scale: (share: number) => number): string {
  const color = isReached(goal, median) ? '#2a7d4f' : '#b3452c';
  const [at, from] = [scale(shareOf(goal, median)), scale(1)];
  const sign = goal.bound === 'at most' ? '≤' : '≥';
  const dots = values.map(
    (value) => `<circle cx="${fixed(scale(shareOf(goal, value)))}" cy="${y}" r="2.5" fill="${color}" opacity="0.5"/>`,
  );
  return [
    `<text x="10" y="${y + 4}">${goal.bench}: ${goal.key}</text>`,
    `<rect x="${fixed(Math.min(at, from))}" y="${y - 6}" width="${fixed(Math.abs(at - from))}" height="12" fill="${color}" opacity="0.35"/>`,
    ...dots,
    `<text x="${WIDTH - RIGHT + 4}" y="${y + 4}" font-size="10">${toThreeDigits(median)} (${sign} ${goal.value})</text>`,
  ].join('\n');
}

const fixed = (value: number): string => value.toFixed(1);
