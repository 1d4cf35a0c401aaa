import { startRuntime } from '../../local/runtime.ts';
import { createTerminal } from '../../local/terminal.ts';
import { serve } from '../processes/serve.ts';

/** The stuck connections: every second one answers 429, the others never answer. */
const stuck = new Map<string, 'throttled' | 'hanging'>();
let state: 'open' | 'learning' | 'stuck' = 'open';

const THROTTLED = { statusCode: 429, errorType: 'LimitExceededException' } as const;

const commands = {
  /** Starts the local runtime in this process. Resolves to its URL. */
  start: async ({ assembly }: { assembly: string }): Promise<string> => {
    const terminal = createTerminal({ write: () => undefined, color: false });
    const runtime = await startRuntime(
      { assembly, port: 0, engine: 'dynoxide' },
      { terminal, interceptCallback: intercept },
    );
    process.on('disconnect', () => void runtime.stop());
    return runtime.url;
  },
  /** Selects every connection that is posted to for the first time from now on. */
  learn: async (_input: undefined): Promise<void> => {
    state = 'learning';
  },
  /** Makes the selected connections stuck from now on. Resolves to their number. */
  stick: async (_input: undefined): Promise<number> => {
    state = 'stuck';
    return stuck.size;
  },
};

/** The commands of this worker. */
export type StuckRuntimeCommands = typeof commands;

serve(commands);

function intercept({ connectionId }: { readonly connectionId: string }): undefined | 'hang' | typeof THROTTLED {
  if (state === 'learning' && !stuck.has(connectionId)) {
    stuck.set(connectionId, stuck.size % 2 === 0 ? 'throttled' : 'hanging');
  }
  if (state !== 'stuck') return undefined;
  const how = stuck.get(connectionId);
  if (how === undefined) return undefined;
  return how === 'hanging' ? 'hang' : THROTTLED;
}
