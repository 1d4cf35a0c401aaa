import type { FunctionModel } from '../model.ts';

/** What of the developer's environment a function sees: Lambda has these variables too, the rest is not its business. */
const INHERITED_VARIABLES = ['PATH', 'HOME', 'LANG'] as const;

export interface FunctionEnvironmentOptions {
  readonly model: FunctionModel;
  readonly region: string;
  readonly extraEnvironment: Readonly<Record<string, string>>;
  readonly startedAtMs: number;
  /** 32 hexadecimal digits: the environment's own name, in its log stream. */
  readonly instanceId: string;
  readonly inherited: Readonly<Record<string, string | undefined>>;
}

/** Environment variables of one execution environment: reserved ones win, as a function may not set them. */
export function functionEnvironment(options: FunctionEnvironmentOptions): Record<string, string> {
  return {
    ...inheritedVariables(options.inherited),
    TZ: ':UTC',
    ...options.model.environment,
    ...options.extraEnvironment,
    ...reservedVariables(options),
    ...credentials(),
  };
}

function inheritedVariables(source: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const found = INHERITED_VARIABLES.map((name) => [name, source[name]] as const);
  return Object.fromEntries(found.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/**
 * AWS_LAMBDA_MAX_CONCURRENCY and AWS_LAMBDA_METADATA_* are left out on purpose: the first means a managed instance, and
 * code that finds the others calls an HTTP service that is not here. _X_AMZN_TRACE_ID is set for each invocation.
 */
function reservedVariables({ model, region, startedAtMs, instanceId }: FunctionEnvironmentOptions) {
  const day = new Date(startedAtMs).toISOString().slice(0, 10).replaceAll('-', '/');
  return {
    _HANDLER: model.handler,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${model.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: model.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(model.memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: model.logGroupName,
    AWS_LAMBDA_LOG_STREAM_NAME: `${day}/[$LATEST]${instanceId}`,
    /** Nothing listens there: the bootstrap speaks over its IPC channel. */
    AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001',
    /** On AWS /var/task; code reads files of its bundle by it, so here the real place. */
    LAMBDA_TASK_ROOT: model.codeDirectory,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
  };
}

/** Not secret and good for nothing but local endpoints; SDK clients sign with them. */
function credentials(): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: 'ASIALOCALEXAMPLE0000',
    AWS_ACCESS_KEY: 'ASIALOCALEXAMPLE0000',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SECRET_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
  };
}
