import { emitKeypressEvents } from 'node:readline';
import { connect, type Counter } from '../client/src/index.ts';
import { type Example, stopped } from './example.ts';

/** A counter shared by all: everyone sees each press of + or -. */
export const counterExample: Example = async ({ url, by, count = Infinity, stop }) => {
  const ending = new AbortController();
  const rt = connect(url, { topics: ['counter:global-counter'] });
  const shared = rt.counter('global-counter');
  try {
    if (by !== undefined) return console.log(String(await changeBy(shared, by)));
    let shown = 0;
    shared.on('change', (value) => {
      console.log(String(value));
      shown += 1;
      if (shown >= count) ending.abort();
    });
    rt.on('status', (status) => console.log(`(${status})`));
    const releaseKeys = onKeys(shared, () => ending.abort());
    await stopped(AbortSignal.any([stop, ending.signal]));
    releaseKeys();
  } finally {
    rt.close();
  }
};

const changeBy = (shared: Counter, by: number): Promise<number> =>
  by < 0 ? shared.decrement(-by) : shared.increment(by);

/** Listens for keys, on a terminal only. Returns a function that restores the terminal. */
function onKeys(shared: Counter, quit: () => void): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => undefined;
  emitKeypressEvents(stdin);
  stdin.setRawMode(true).resume();
  stdin.on('keypress', (text: string | undefined, key: { readonly name?: string; readonly ctrl?: boolean }) => {
    if (text === '+' || text === '-') changeBy(shared, text === '+' ? 1 : -1).catch(printError);
    // In raw mode Ctrl-C is an ordinary key.
    if (text === 'q' || (key.ctrl === true && key.name === 'c')) quit();
  });
  return () => stdin.setRawMode(false).pause();
}

const printError = (error: unknown): void => console.error(error instanceof Error ? error.message : String(error));
