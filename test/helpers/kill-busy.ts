import type { Runtime } from '../../local/runtime.ts';

/** Kills a busy process of a function, if one is busy that is not among `killed` yet, and adds it there. */
export function killBusy(runtime: Runtime, functionPart: string, killed: Set<number>): void {
  const busy = runtime
    .environments()
    .find((each) => each.busy && each.functionName.includes(functionPart) && !killed.has(each.pid));
  if (busy === undefined) return;
  killed.add(busy.pid);
  process.kill(busy.pid, 'SIGKILL');
}
