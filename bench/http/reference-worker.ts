import { DurableStreamTestServer } from '@durable-streams/server';
import { serve } from '../processes/serve.ts';

const commands = {
  /** Starts the protocol's reference server, which keeps streams in memory. Resolves to its URL. */
  listen: async (_input: undefined): Promise<string> => new DurableStreamTestServer({ compression: false }).start(),
};

/** The commands of this worker. */
export type ReferenceCommands = typeof commands;

serve(commands);
