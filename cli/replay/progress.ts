import { CLI_BOUNDS } from '../bounds.ts';
import { duration, figure, type Output } from '../output.ts';
import type { Tally } from './tally.ts';

/** The display of a replay's progress. */
export interface Progress {
  readonly show: (tally: Tally) => void;
  /** Shows the final state and ends the display. */
  readonly end: (tally: Tally) => void;
}

const BAR_WIDTH = 24;
const CLEAR_LINE = '\r\u001b[K';

/** Creates the display: a bar that is redrawn on a terminal, elsewhere a line every PROGRESS_LINE_MS. */
export function createProgress(output: Output, total: number, now: () => number): Progress {
  const startMs = now();
  const gapMs = output.isTerminal ? CLI_BOUNDS.PROGRESS_BAR_MS : CLI_BOUNDS.PROGRESS_LINE_MS;
  let shownMs = -Infinity;
  let shown: Tally | undefined;
  const say = (tally: Tally): void => {
    const text = render(tally, total, now() - startMs);
    if (output.isTerminal) output.draw(`${CLEAR_LINE}${bar(tally.records, total)} ${text}`);
    else output.note(text);
    [shownMs, shown] = [now(), tally];
  };
  return {
    show: (tally) => {
      if (now() - shownMs >= gapMs) say(tally);
    },
    end: (tally) => {
      if (shown !== tally) say(tally);
      if (output.isTerminal) output.draw('\n');
    },
  };
}

function bar(done: number, total: number): string {
  const full = total === 0 ? BAR_WIDTH : Math.floor((done / total) * BAR_WIDTH);
  return `[${'█'.repeat(full)}${'·'.repeat(BAR_WIDTH - full)}]`;
}

function render({ records, delivered }: Tally, total: number, elapsedMs: number): string {
  const left = total - records;
  const rest = left > 0 && records > 0 ? `, about ${duration((elapsedMs / records) * left)}` : '';
  return `${figure(records)} of ${figure(total)} changes sent, ${figure(delivered)} messages delivered, ${figure(left)} left${rest}`;
}
