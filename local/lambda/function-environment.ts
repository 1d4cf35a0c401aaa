import type { FunctionModel } from '../model.ts';

/** The variables of the developer's environment that a function inherits: the ones that Lambda has too. */
const INHERITED_VARIABLES = ['PATH', 'HOME', 'LANG'] as const;

/** The keys by which a function's SDK clients sign. */
export interface FunctionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** The keys of a function without any of its own. They are not secret and valid only for local endpoints. */
const SHARED_CREDENTIALS: FunctionCredentials = {
  accessKeyId: 'ASIALOCALEXAMPLE0000',
  secretAccessKey: 'local',
  sessionToken: 'local',
};

/** The values that a function's environment is built from. */
export interface FunctionEnvironmentOptions {
  readonly model: FunctionModel;
  readonly region: string;
  readonly extraEnvironment: Readonly<Record<string, string>>;
  /** The function's own keys. Default: the shared ones. */
  readonly credentials: FunctionCredentials | undefined;
  readonly startedAtMs: number;
  /** 32 hexadecimal digits that name the environment in its log stream. */
  readonly instanceId: string;
  readonly inherited: Readonly<Record<string, string | undefined>>;
}

/**
 * Returns the environment variables of one execution environment. Reserved variables win, because a function may not
 * set them.
 */
export function functionEnvironment(options: FunctionEnvironmentOptions): Record<string, string> {
  return {
    ...inheritedVariables(options.inherited),
    TZ: ':UTC',
    ...options.model.environment,
    ...options.extraEnvironment,
    ...reservedVariables(options),
    ...credentialVariables(options.credentials ?? SHARED_CREDENTIALS),
  };
}

function inheritedVariables(source: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const found = INHERITED_VARIABLES.map((name) => [name, source[name]] as const);
  return Object.fromEntries(found.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/**
 * Returns Lambda's reserved variables. AWS_LAMBDA_MAX_CONCURRENCY and AWS_LAMBDA_METADATA_* are left out on purpose:
 * the first means a managed instance, and code that finds the others calls an HTTP service that does not exist here.
 * _X_AMZN_TRACE_ID is set for each invocation.
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
    /** An address without a listener: the bootstrap communicates over its IPC channel. */
    AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001',
    /** The bundle's real directory, because code reads files by it. On AWS it is /var/task. */
    LAMBDA_TASK_ROOT: model.codeDirectory,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
  };
}

function credentialVariables({ accessKeyId, secretAccessKey, sessionToken }: FunctionCredentials) {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_ACCESS_KEY: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SECRET_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  };
}
