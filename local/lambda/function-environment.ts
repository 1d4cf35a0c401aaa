import type { FunctionModel } from '../model.ts';
import { delimiter, dirname, join } from 'node:path';
import { type BootstrapSettings, SETTINGS_VARIABLE } from './bootstrap-settings.ts';

/** The home directory of Lambda's user. Like there, it does not exist, and nothing of the developer is read from it. */
const HOME = '/home/sbx_user1051';

/** The directories of Lambda's PATH after that of Node. */
const PROGRAM_DIRECTORIES = ['/usr/local/bin', '/usr/bin/', '/bin', '/opt/bin'] as const;

/** The files from whose directories up the SDK is found: the runtime's own, and the project in which it was started. */
const SDK_PARENTS = [import.meta.filename, join(process.cwd(), 'package.json')] as const;

/** The network that functions find inside of their processes. */
export interface FunctionNetwork {
  /** The ports of this machine that public host names lead to. */
  readonly hosts: BootstrapSettings['hosts'];
  /** The file with the certificate of these ports; undefined where they do not speak TLS. */
  readonly certificateFile: string | undefined;
}

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
  readonly network: FunctionNetwork;
  readonly startedAtMs: number;
  /** 32 hexadecimal digits that name the environment in its log stream. */
  readonly instanceId: string;
  /** The directory for temporary files, its own. */
  readonly temporaryDirectory: string;
}

/**
 * Returns the environment variables of one execution environment. Reserved variables win, because a function may not
 * set them.
 */
export function functionEnvironment(options: FunctionEnvironmentOptions): Record<string, string> {
  return {
    ...imageVariables(options),
    ...options.model.environment,
    ...options.extraEnvironment,
    ...reservedVariables(options),
    ...credentialVariables(options.credentials ?? SHARED_CREDENTIALS),
    ...settingsVariables(options),
  };
}

/**
 * Returns the variables that name places of this machine. A function's own NODE_EXTRA_CA_CERTS names a file of Lambda's
 * machines.
 */
function settingsVariables({ model, network }: FunctionEnvironmentOptions): Record<string, string> {
  const { hosts, certificateFile } = network;
  const { layers = [] } = model;
  const trust = certificateFile === undefined ? {} : { NODE_EXTRA_CA_CERTS: certificateFile };
  const settings: BootstrapSettings = { hosts, sdkParents: SDK_PARENTS, layers };
  return { [SETTINGS_VARIABLE]: JSON.stringify(settings), ...trust };
}

/** Returns the variables of Lambda's image. A function may set others. Nothing comes from the developer. */
function imageVariables({ model, temporaryDirectory }: FunctionEnvironmentOptions): Record<string, string> {
  const { codeDirectory, runtime } = model;
  const ofLayer = (layer: string): readonly string[] => [
    `${layer}/nodejs/${runtime.slice(0, -'.x'.length).replace('js', '')}/node_modules`,
    `${layer}/nodejs/node_modules`,
  ];
  const layers = [...(model.layers ?? []), '/opt'].flatMap(ofLayer);
  return {
    HOME,
    LANG: 'en_US.UTF-8',
    NODE_PATH: [...layers, '/var/runtime/node_modules', '/var/runtime', codeDirectory].join(delimiter),
    PATH: [dirname(process.execPath), ...PROGRAM_DIRECTORIES].join(delimiter),
    PWD: codeDirectory,
    TMPDIR: temporaryDirectory,
    TZ: ':UTC',
  };
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
