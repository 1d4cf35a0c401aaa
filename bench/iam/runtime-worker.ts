import { createAccessControl } from '../../local/iam/access-control.ts';
import { type RuntimeDeps, startRuntime } from '../../local/runtime.ts';
import { serve } from '../processes/serve.ts';

interface Started {
  readonly assembly: string;
  /** Whether rights are judged and signatures computed again, as in every runtime. */
  readonly isJudged: boolean;
}

const terminal = { info: () => undefined, warn: () => undefined, lambdaLog: () => undefined };

/** An access control that lets everything pass, and looks at nothing. */
const createNone: NonNullable<RuntimeDeps['createAccess']> = (...given) => ({
  ...createAccessControl(...given),
  check: () => undefined,
  guardDynamodb: () => undefined,
  judge: () => undefined,
});

const commands = {
  /** Starts a runtime in this process. Resolves to the URL of its stage. */
  start: async ({ assembly, isJudged }: Started): Promise<string> => {
    const deps = { terminal, ...(isJudged ? {} : { createAccess: createNone }) };
    const { url } = await startRuntime({ assembly, port: 0, engine: 'dynoxide' }, deps);
    return url;
  },
};

/** The commands of this worker. */
export type RuntimeCommands = typeof commands;

serve(commands);
