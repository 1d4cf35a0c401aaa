/**
 * Handlers that answer by a callback or by their context, which the runtimes before Node.js 24 support. Part of the
 * bootstrap.
 */

type AnyFunction = (...values: unknown[]) => unknown;

/** A runtime with its handler, which is called as a method of it. */
export interface HandlingRuntime {
  readonly handler: AnyFunction;
}

/** The event loop of the process, as far as callbacks wait for it. */
export interface EventLoop {
  /** Sets the listener of an empty loop. Default, undefined: the failure of a promise that never settles. */
  readonly whenEmpty: (listener: (() => void) | undefined) => void;
}

interface Invocation {
  readonly event: unknown;
  readonly context: object;
}

/**
 * Invokes a handler with a callback, and with a context that has `succeed`, `fail`, `done` and
 * `callbackWaitsForEmptyEventLoop`. The first answer counts. By default, a callback's result is sent when the event
 * loop is empty. A handler that answers by none of these has the result null, unless it is an async function.
 */
export function runWithCallback(
  runtime: HandlingRuntime,
  { event, context }: Invocation,
  loop: EventLoop,
): Promise<unknown> {
  const answer = Promise.withResolvers<unknown>();
  let isAnswered = false;
  const once =
    (answerBy: AnyFunction): AnyFunction =>
    (...values) => {
      if (isAnswered) return;
      isAnswered = true;
      loop.whenEmpty(undefined);
      answerBy(...values);
    };
  const settle = (error: unknown, result: unknown): void => {
    if (error === undefined || error === null) answer.resolve(result);
    else answer.reject(error);
  };
  const whole = {
    callbackWaitsForEmptyEventLoop: true,
    succeed: once((result) => settle(undefined, result)),
    fail: once((error) => settle(error ?? 'handled', undefined)),
    done: once(settle),
    ...context,
  };
  const callback = once((error, result) => {
    const isAwaited = whole.callbackWaitsForEmptyEventLoop && (error === undefined || error === null);
    if (isAwaited) loop.whenEmpty(() => setImmediate(settle, undefined, result));
    else settle(error, result);
  });
  if (!isAsync(runtime.handler)) loop.whenEmpty(() => setImmediate(settle, undefined, null));
  try {
    const result = runtime.handler(event, whole, callback);
    if (isPromise(result)) void result.then(whole.succeed, whole.fail);
  } catch (error) {
    callback(error);
  }
  return answer.promise;
}

const isAsync = (handler: AnyFunction): boolean => handler.constructor.name === 'AsyncFunction';

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
