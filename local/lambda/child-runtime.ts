import { type ChildProcess, spawn } from 'node:child_process';
import { OutputLines } from './output-lines.ts';
import { parentDeathPrefix } from '../child-process.ts';
import type { ChildMessage, InvocationMessage, ResponseChunk, RuntimeError } from './runtime-messages.ts';
import { processTime } from './served-time.ts';

/**
 * Time in ms after a child's exit for output that is still in its pipes, 250. A grandchild that holds the pipes must
 * not block the pool.
 */
const OUTPUT_AFTER_EXIT_MS = 250;

/** A child's reply, or the event that happened instead. */
export type ChildReply =
  | ChildMessage
  | { readonly kind: 'time-limit' }
  | { readonly kind: 'exit'; readonly description: string; readonly error: RuntimeError | undefined }
  | { readonly kind: 'spawn-failure'; readonly errorMessage: string };

/** The options of a child process. */
export interface ChildRuntimeOptions {
  readonly source: string;
  readonly nodeFlags: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly maxLineLength: number;
  readonly onLine: (line: string) => void;
  readonly onExit: () => void;
}

/** A function that receives the parts of a streamed result. */
export type OnChunk = (chunk: ResponseChunk) => void;

/** A child process that runs the bootstrap, and the conversation with it: one question at a time. */
export class ChildRuntime {
  readonly exited: Promise<void>;
  #hasExited = false;
  #settle: ((reply: ChildReply) => void) | undefined;
  #onChunk: OnChunk | undefined;
  #fatalError: RuntimeError | undefined;
  readonly #process: ChildProcess;
  readonly #stdout: OutputLines | undefined;
  readonly #stderr: OutputLines | undefined;

  constructor(options: ChildRuntimeOptions) {
    const child = spawnBootstrap(options);
    this.#process = child;
    this.#stdout = child.stdout ? new OutputLines(child.stdout, options.onLine, options.maxLineLength) : undefined;
    this.#stderr = child.stderr ? new OutputLines(child.stderr, options.onLine, options.maxLineLength) : undefined;
    this.exited = this.#watch(options.onExit);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Sends a message, if given, and waits for the reply. Never rejects: whatever happens instead is a reply too. */
  ask(timeLimitMs: number, message?: InvocationMessage, onChunk?: OnChunk): Promise<ChildReply> {
    this.#onChunk = onChunk;
    return new Promise((resolve) => {
      // Time that a starved machine did not give is not counted: a timeout costs a cold start, which starves it more.
      const cancelLimit = processTime.after(timeLimitMs, () => this.#reply({ kind: 'time-limit' }));
      this.#settle = (reply) => {
        cancelLimit();
        resolve(reply);
      };
      // A message that cannot be sent is for a dead child, whose exit is the reply.
      if (message) this.#process.send(message, () => undefined);
    });
  }

  /** Sends a signal, unless the process has exited. */
  signal(name: NodeJS.Signals): void {
    if (!this.#hasExited) this.#process.kill(name);
  }

  #watch(onExit: () => void): Promise<void> {
    const child = this.#process;
    child.on('message', (message: ChildMessage) => void this.#receive(message));
    return new Promise((resolve) => {
      const finish = () => {
        this.#hasExited = true;
        onExit();
        resolve();
      };
      child.on('error', (error) => {
        if (child.pid !== undefined) return; // A failed send: see `ask`.
        finish();
        this.#reply({ kind: 'spawn-failure', errorMessage: error.message });
      });
      child.on('exit', (code, signal) => {
        finish();
        void this.#replyExit(describeExit(code, signal));
      });
    });
  }

  async #receive(message: ChildMessage): Promise<void> {
    if (message.kind === 'chunk') {
      this.#onChunk?.(message);
      return;
    }
    if (message.kind === 'fatal') {
      this.#fatalError = message.error;
      return;
    }
    await this.#outputOf(message);
    this.#reply(message);
  }

  /** Waits for the output that was written before the message: the pipes and the channel are read in any order. */
  async #outputOf({ stdoutBytes, stderrBytes }: ChildMessage): Promise<void> {
    if (this.#stdout?.has(stdoutBytes) === false) await this.#stdout.received(stdoutBytes);
    if (this.#stderr?.has(stderrBytes) === false) await this.#stderr.received(stderrBytes);
  }

  async #replyExit(description: string): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, OUTPUT_AFTER_EXIT_MS);
      this.#process.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
    await closed;
    this.#reply({ kind: 'exit', description, error: this.#fatalError });
  }

  #reply(reply: ChildReply): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(reply);
  }
}

function spawnBootstrap({ source, nodeFlags, directory, environment }: ChildRuntimeOptions): ChildProcess {
  const [command, ...args] = [...parentDeathPrefix(), process.execPath, ...nodeFlags, '--eval', source];
  return spawn(command, args, { cwd: directory, env: environment, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
}

/** The names of signals as Lambda, which is written in Go, prints them. */
const SIGNAL_WORDS: Readonly<Record<string, string>> = {
  SIGKILL: 'killed',
  SIGTERM: 'terminated',
  SIGABRT: 'aborted',
  SIGSEGV: 'segmentation fault',
  SIGINT: 'interrupt',
  SIGBUS: 'bus error',
};

function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== null) return `Runtime exited with error: signal: ${SIGNAL_WORDS[signal] ?? signal}`;
  return code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`;
}
