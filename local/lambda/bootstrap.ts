/**
 * The runtime inside an execution environment: loads a function's bundle and runs invocations one at a time, as
 * Lambda's runtime interface client for Node.js does. This file runs in a child process that knows nothing of this
 * project, so its only imports are node:* and its own parts. `bootstrap-source.ts` bundles it to JavaScript.
 */
import { format } from 'node:util';
import { type BootstrapSettings, SETTINGS_VARIABLE } from './bootstrap-settings.ts';
import { type HandlingRuntime, runWithCallback } from './callback-handlers.ts';
import { describeError, describeText } from './describe-error.ts';
import { loadHandler, supportsCallbacks } from './load-handler.ts';
import { guardNetwork } from './network-guard.ts';
import { defineAwsLambda, isStreaming, runStreaming } from './response-stream.ts';
import { RuntimeFailure } from './runtime-failure.ts';
import type { ChildMessage, InvocationMessage, ResponseChunk, WrittenOutput } from './runtime-messages.ts';
import { confineModules } from './task-root.ts';

type Unsent<Message> = Message extends WrittenOutput ? Omit<Message, keyof WrittenOutput> : never;

/** The exit codes of Lambda's runtime. */
const EXIT_CODES = { initError: 1, unhandledRejection: 128, uncaughtException: 129, neverSettled: 0 } as const;
const LOG_LEVELS = { log: 'INFO', trace: 'TRACE', debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' } as const;

let current: InvocationMessage | undefined;
let dying = false;
/** The listener of an empty event loop during an invocation. Default: the failure of a promise that never settles. */
let whenEmpty: (() => void) | undefined;
// Removed from `process`, so that a function cannot see a parent process: on Lambda there is none.
const sendToParent = process.send?.bind(process);
const channel = process.channel;
delete process.send;

function send(message: Unsent<ChildMessage>, sent?: () => void): void {
  const written = { stdoutBytes: process.stdout.bytesWritten, stderrBytes: process.stderr.bytesWritten };
  sendToParent?.({ ...message, ...written }, undefined, undefined, sent);
}

// ---- errors and logs

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

function neverSettledError(): Error {
  return new RuntimeFailure(
    'NodeJsExit',
    'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled.',
  );
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
    clientContext: invocation.clientContext === undefined ? undefined : JSON.parse(invocation.clientContext),
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

async function runHandler(runtime: HandlingRuntime, invocation: InvocationMessage): Promise<Unsent<ChildMessage>> {
  try {
    const [event, context] = [JSON.parse(invocation.payload), contextOf(invocation)];
    if (isStreaming(runtime.handler)) {
      await runStreaming(runtime.handler, event, { context, send: sendChunk });
      return { kind: 'success', payload: 'null' };
    }
    const result = await call(runtime, event, context);
    return responseOf(result, invocation.maxResponseBytes);
  } catch (error) {
    logError('Invoke Error', error);
    return { kind: 'error', error: describeError(error) };
  }
}

const sendChunk = (chunk: ResponseChunk, sent: () => void): void => send({ kind: 'chunk', ...chunk }, sent);

/** Calls the handler as a method of the runtime, as Lambda does: `this.handler` is the handler. */
function call(runtime: HandlingRuntime, event: unknown, context: object): unknown {
  if (!supportsCallbacks()) return runtime.handler(event, context);
  return runWithCallback(runtime, { event, context }, { whenEmpty: (listener) => (whenEmpty = listener) });
}

async function serve(runtime: HandlingRuntime, invocation: InvocationMessage): Promise<void> {
  current = invocation;
  process.env['_X_AMZN_TRACE_ID'] = invocation.traceId;
  // The channel must not keep the event loop alive now: an empty loop reveals a promise that never settles.
  channel?.unref();
  const reply = await runHandler(runtime, invocation);
  whenEmpty = undefined;
  // As in Lambda's own client: during one more turn of the loop, an unhandled rejection belongs to this invocation.
  await new Promise((resolve) => setImmediate(resolve));
  if (dying) return;
  channel?.ref();
  current = undefined;
  send(reply);
}

/** Returns the settings of the environment, which the function does not see. */
function takeSettings(): BootstrapSettings {
  const { [SETTINGS_VARIABLE]: settings = '{"hosts":{},"sdkParents":[],"layers":[]}' } = process.env;
  delete process.env[SETTINGS_VARIABLE];
  return JSON.parse(settings);
}

async function main(): Promise<void> {
  const { LAMBDA_TASK_ROOT: root = '', _HANDLER: name = '', AWS_LAMBDA_FUNCTION_NAME: functionName = '' } = process.env;
  process.title = `lambda ${functionName}`;
  const { hosts, sdkParents, layers } = takeSettings();
  guardNetwork(hosts, (line) => writeLog('WARN', line));
  confineModules({ directory: root, sdkParents, layers });
  patchConsole();
  defineAwsLambda();
  process.on('uncaughtException', (error) => die('Uncaught Exception', error, EXIT_CODES.uncaughtException));
  process.on('unhandledRejection', (reason) =>
    die('Unhandled Promise Rejection', rejectionError(reason), EXIT_CODES.unhandledRejection),
  );
  process.on('beforeExit', () => {
    if (whenEmpty === undefined) die('Invoke Error', neverSettledError(), EXIT_CODES.neverSettled);
    else whenEmpty();
  });
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C in a terminal reaches the whole process group. The pool decides when an environment ends.
  process.on('SIGINT', () => undefined);
  channel?.unref();
  try {
    const runtime: HandlingRuntime = { handler: await loadHandler(root, name) };
    process.on('message', (message: InvocationMessage) => void serve(runtime, message));
    channel?.ref();
    send({ kind: 'ready' });
  } catch (error) {
    die('Init Error', error, EXIT_CODES.initError);
  }
}

void main();
