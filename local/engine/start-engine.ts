import { RuntimeSetupError } from '../model.ts';
import { answers } from './start-on-free-port.ts';
import type { Engine, EngineChoice, EngineDeps } from './engine.ts';
import { hasJava, startDynamodbLocal } from './start-dynamodb-local.ts';
import { findDynoxide, startDynoxide } from './start-dynoxide.ts';

/** Starts the chosen engine, or connects to the one that a URL names, and returns when it answers. */
export async function startEngine(choice: EngineChoice, deps: EngineDeps): Promise<Engine> {
  if (choice.engine === 'dynoxide') return startDynoxideOrSecond(choice.dataDirectory, deps);
  if (choice.engine === 'dynamodb-local') return startWithJava(choice.dataDirectory, deps);
  if (/^https?:\/\//.test(choice.engine) && URL.canParse(choice.engine)) return useRunning(choice.engine);
  throw new RuntimeSetupError(`there is no engine ${choice.engine}: choose dynoxide, dynamodb-local or a URL`);
}

async function startDynoxideOrSecond(dataDirectory: string | undefined, deps: EngineDeps): Promise<Engine> {
  const binary = findDynoxide();
  if (binary !== undefined) return startDynoxide(binary, { ...deps, dataDirectory });
  if (!hasJava()) {
    throw new RuntimeSetupError(
      'dynoxide is not built for this machine and DynamoDB Local needs Java 17: install it, or name a running engine with --engine URL',
    );
  }
  deps.terminal.info('dynoxide is not built for this machine: using DynamoDB Local');
  return startDynamodbLocal(dataDirectory, deps);
}

async function startWithJava(dataDirectory: string | undefined, deps: EngineDeps): Promise<Engine> {
  if (hasJava()) return startDynamodbLocal(dataDirectory, deps);
  throw new RuntimeSetupError('DynamoDB Local needs Java 17 or newer on the PATH');
}

/** Returns a running engine that is neither stopped nor watched. */
async function useRunning(endpoint: string): Promise<Engine> {
  if (!(await answers(endpoint))) throw new RuntimeSetupError(`no engine answers at ${endpoint}`);
  return { endpoint, name: endpoint, processId: () => undefined, stop: async () => {}, exited: new Promise(() => {}) };
}
