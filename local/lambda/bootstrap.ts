/**
 * The runtime inside an execution environment: loads a function's bundle and runs invocations one at a time, as
 * Lambda's runtime interface client for Node.js does. This file runs in a child process that knows nothing of this
 * project, so its only imports are node:* and its own parts. `bootstrap-source.ts` bundles it to JavaScript.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import { importFile } from './import-file.ts';
import { guardNetwork, HOSTS_VARIABLE } from './network-guard.ts';
import type { ChildMessage, InvocationMessage, RuntimeError, WrittenOutput } from './runtime-messages.ts';

type Handler = (event: unknown, context: object) => unknown;
type Unsent<Message> = Message extends WrittenOutput ? Omit<Message, keyof WrittenOutput> : never;

/** The exit codes of Lambda's runtime. */
const EXIT_CODES = { initError: 1, unhandledRejection: 128, uncaughtException: 129, neverSettled: 0 } as const;
/** The extensions of a function's module, in the order in which Lambda tries them. */
const MODULE_EXTENSIONS = ['.js', '.mjs', '.cjs'] as const;
/** The number of parameters of a callback handler, which Node.js 24 on Lambda no longer supports. */
const CALLBACK_PARAMETERS = 3;
const LOG_LEVELS = { log: 'INFO', trace: 'TRACE', debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' } as const;

let current: InvocationMessage | undefined;
let dying = false;
// Removed from `process`, so that a function cannot see a parent process: on Lambda there is none.
const sendToParent = process.send?.bind(process);
const channel = process.channel;
delete process.send;

class RuntimeFailure extends Error {
  constructor(errorType: string, message: string, stack?: string) {
    super(message);
    this.name = `Runtime.${errorType}`;
    if (stack !== undefined) this.stack = stack;
  }
}

function send(message: Unsent<ChildMessage>, sent?: () => void): void {
  const written = { stdoutBytes: process.stdout.bytesWritten, stderrBytes: process.stderr.bytesWritten };
  sendToParent?.({ ...message, ...written }, undefined, undefined, sent);
}

// ---- errors and logs

function describeError(error: unknown): RuntimeError {
  try {
    if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
    return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
  } catch {
    // The error's own getters or its toString threw. The message is Lambda's, word for word.
    const problem = 'there was a problem while retrieving one or more of its message, name, and stack';
    return { errorType: 'handled', errorMessage: `callback called with Error argument, but ${problem}`, trace: [] };
  }
}

function writeLog(level: string, text: string): void {
  const line = [new Date().toISOString(), current?.requestId ?? '-', level, text].join('\t');
  // A log event is one line. Lambda also replaces the line breaks inside by carriage returns.
  process.stdout.write(`${line.replaceAll('\n', '\r')}\n`);
}

function logError(label: string, error: unknown): void {
  const { errorType, errorMessage, trace } = describeError(error);
  writeLog('ERROR', `${label} \t${JSON.stringify({ errorType, errorMessage, stack: trace })}`);
}

function patchConsole(): void {
  for (const [method, level] of Object.entries(LOG_LEVELS)) {
    Reflect.set(console, method, (...values: unknown[]) => writeLog(level, format(...values)));
  }
}

/** Reports an error that ends the environment, and exits. */
function die(label: string, error: unknown, exitCode: number): void {
  if (dying) return;
  dying = true;
  logError(label, error);
  channel?.ref();
  send({ kind: 'fatal', error: describeError(error) }, () => process.exit(exitCode));
}

function rejectionError(reason: unknown): Error {
  const stack = reason instanceof Error ? reason.stack : undefined;
  return new RuntimeFailure('UnhandledPromiseRejection', describeText(reason), stack);
}

function describeText(value: unknown): string {
  return value instanceof Error ? `${value.name}: ${value.message}` : format(value);
}

function neverSettledError(): Error {
  return new RuntimeFailure(
    'NodeJsExit',
    'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled.',
  );
}

// ---- loading the function

async function loadHandler(root: string, name: string): Promise<Handler> {
  if (name.includes('..')) {
    const advice = 'Use absolute paths when specifying root directories in handler names.';
    throw new RuntimeFailure('MalformedHandlerName', `'${name}' is not a valid handler name. ${advice}`);
  }
  const [, moduleName, exportPath] = /^([^.]*)\.(.*)$/.exec(path.basename(name)) ?? [];
  if (moduleName === undefined || exportPath === undefined) {
    throw new RuntimeFailure('MalformedHandlerName', 'Bad handler');
  }
  const userModule = await importModule(path.resolve(root, path.dirname(name), moduleName));
  return checkHandler(
    findExport(userModule, exportPath) ?? findExport(property(userModule, 'default'), exportPath),
    name,
  );
}

async function importModule(file: string): Promise<unknown> {
  const found = MODULE_EXTENSIONS.map((extension) => file + extension).find((candidate) => existsSync(candidate));
  if (found === undefined) {
    throw new RuntimeFailure('ImportModuleError', `Error: Cannot find module '${path.basename(file)}'`);
  }
  try {
    return await importFile(found);
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeFailure('UserCodeSyntaxError', String(error), error.stack);
    if (error instanceof Error && property(error, 'code') === 'MODULE_NOT_FOUND') {
      throw new RuntimeFailure('ImportModuleError', String(error), error.stack);
    }
    throw error;
  }
}

function property(value: unknown, key: string): unknown {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? Reflect.get(value, key)
    : undefined;
}

function findExport(container: unknown, exportPath: string): unknown {
  return exportPath.split('.').reduce(property, container);
}

function checkHandler(handler: unknown, name: string): Handler {
  if (!handler) throw new RuntimeFailure('HandlerNotFound', `${name} is undefined or not exported`);
  if (!isHandler(handler)) throw new RuntimeFailure('HandlerNotFound', `${name} is not a function`);
  if (handler.length >= CALLBACK_PARAMETERS) {
    throw new RuntimeFailure(
      'CallbackHandlerDeprecated',
      'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.',
    );
  }
  return handler;
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

// ---- invocations

function contextOf(invocation: InvocationMessage): object {
  const { env } = process;
  return {
    functionName: env['AWS_LAMBDA_FUNCTION_NAME'],
    functionVersion: env['AWS_LAMBDA_FUNCTION_VERSION'],
    invokedFunctionArn: invocation.functionArn,
    memoryLimitInMB: env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    awsRequestId: invocation.requestId,
    logGroupName: env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: env['AWS_LAMBDA_LOG_STREAM_NAME'],
    identity: undefined,
    clientContext: undefined,
    tenantId: undefined,
    xRayTraceId: invocation.traceId,
    getRemainingTimeInMillis: () => invocation.deadlineMs - Date.now(),
  };
}

/** Returns the result in the form that Lambda passes on. A result over the limit is an error of the function. */
function responseOf(result: unknown, maxBytes: number): Unsent<ChildMessage> {
  const payload = stringify(result);
  if (Buffer.byteLength(payload) <= maxBytes) return { kind: 'success', payload };
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${maxBytes} bytes).`;
  return { kind: 'error', error: { errorType: 'Function.ResponseSizeTooLarge', errorMessage, trace: [] } };
}

function stringify(result: unknown): string {
  try {
    // JSON.stringify returns undefined for a function or a symbol, although its type says string.
    const text: string | undefined = JSON.stringify(result);
    return text ?? 'null';
  } catch {
    throw new RuntimeFailure('JSONStringifyError', 'Unable to stringify response body');
  }
}

async function runHandler(handler: Handler, invocation: InvocationMessage): Promise<Unsent<ChildMessage>> {
  try {
    const result = await handler(JSON.parse(invocation.payload), contextOf(invocation));
    return responseOf(result, invocation.maxResponseBytes);
  } catch (error) {
    logError('Invoke Error', error);
    return { kind: 'error', error: describeError(error) };
  }
}

async function serve(handler: Handler, invocation: InvocationMessage): Promise<void> {
  current = invocation;
  process.env['_X_AMZN_TRACE_ID'] = invocation.traceId;
  // The channel must not keep the event loop alive now: an empty loop reveals a promise that never settles.
  channel?.unref();
  const reply = await runHandler(handler, invocation);
  // As in Lambda's own client: during one more turn of the loop, an unhandled rejection belongs to this invocation.
  await new Promise((resolve) => setImmediate(resolve));
  if (dying) return;
  channel?.ref();
  current = undefined;
  send(reply);
}

async function main(): Promise<void> {
  const { LAMBDA_TASK_ROOT: root = '', _HANDLER: name = '', AWS_LAMBDA_FUNCTION_NAME: functionName = '' } = process.env;
  process.title = `lambda ${functionName}`;
  const { [HOSTS_VARIABLE]: hosts = '{}' } = process.env;
  delete process.env[HOSTS_VARIABLE];
  guardNetwork(JSON.parse(hosts), (line) => writeLog('WARN', line));
  patchConsole();
  process.on('uncaughtException', (error) => die('Uncaught Exception', error, EXIT_CODES.uncaughtException));
  process.on('unhandledRejection', (reason) =>
    die('Unhandled Promise Rejection', rejectionError(reason), EXIT_CODES.unhandledRejection),
  );
  process.on('beforeExit', () => die('Invoke Error', neverSettledError(), EXIT_CODES.neverSettled));
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C in a terminal reaches the whole process group. The pool decides when an environment ends.
  process.on('SIGINT', () => undefined);
  channel?.unref();
  try {
    const handler = await loadHandler(root, name);
    process.on('message', (message: InvocationMessage) => void serve(handler, message));
    channel?.ref();
    send({ kind: 'ready' });
  } catch (error) {
    die('Init Error', error, EXIT_CODES.initError);
  }
}

void main();
