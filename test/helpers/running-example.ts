import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** An example, run as a user does: its lines as they come, and how it ended. */
export class RunningExample {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #onLine = (): void => undefined;

  constructor(words: readonly string[]) {
    this.#child = spawn(process.execPath, ['examples/main.ts', ...words], { stdio: 'pipe' });
    this.#closed = once(this.#child, 'close');
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        this.#onLine();
      });
    }
  }

  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  interrupt(): void {
    this.#child.kill('SIGINT');
  }

  async says(pattern: RegExp): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#onLine = () => {
      if (this.lines.some((line) => pattern.test(line))) resolve();
    };
    this.#onLine();
    this.#child.once('close', () =>
      reject(new Error(`It ended without saying ${String(pattern)}: ${this.lines.join('\n')}`)),
    );
    await promise;
  }

  async exitCode(): Promise<number | null> {
    await this.#closed;
    return this.#child.exitCode;
  }

  kill(): void {
    if (this.#child.exitCode === null) this.#child.kill('SIGKILL');
  }
}
