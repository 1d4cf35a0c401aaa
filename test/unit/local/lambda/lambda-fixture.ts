import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLambdaPool, type LambdaPool } from '../../../../local/lambda/lambda-pool.ts';
import type { LambdaLimits } from '../../../../local/lambda/lambda-limits.ts';
import type { FunctionModel } from '../../../../local/model.ts';

interface LoggedLine {
  readonly functionName: string;
  readonly requestId: string | undefined;
  readonly line: string;
}

export interface PoolSettings {
  readonly limits?: Partial<LambdaLimits>;
  readonly extraEnvironment?: Readonly<Record<string, string>>;
  readonly now?: () => number;
}

export interface StartedPool extends LambdaPool {
  readonly lines: readonly LoggedLine[];
  /** Resolves when this number of logged lines contain the text. */
  readonly waitForLines: (text: string, count: number) => Promise<void>;
}

/** Real bundles in a temporary directory, with real pools over them. `dispose` ends and removes everything. */
export class LambdaFixture {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'lambda-pool-'));
  readonly #pools: LambdaPool[] = [];

  /** Returns a function whose bundle is this one file, named `index.mjs` by default. */
  fn(code: string, overrides: Partial<FunctionModel> & { readonly file?: string } = {}): FunctionModel {
    const { file = 'index.mjs', ...rest } = overrides;
    const name = rest.name ?? `fn-${randomUUID().slice(0, 8)}`;
    const codeDirectory = mkdtempSync(path.join(this.directory, 'bundle-'));
    writeFileSync(path.join(codeDirectory, file), code);
    return {
      logicalId: 'Function',
      name,
      arn: `arn:aws:lambda:eu-west-1:123456789012:function:${name}`,
      codeDirectory,
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      memoryMb: 256,
      timeoutSeconds: 10,
      environment: {},
      logGroupName: `/aws/lambda/${name}`,
      ...rest,
    };
  }

  pool(functions: readonly FunctionModel[], settings: PoolSettings = {}): StartedPool {
    const lines: LoggedLine[] = [];
    const arrivals = new EventEmitter();
    const lambdaLog = (functionName: string, requestId: string | undefined, line: string) => {
      lines.push({ functionName, requestId, line });
      arrivals.emit('line');
    };
    const options = { region: 'eu-west-1', accountId: '123456789012', extraEnvironment: {}, ...settings, functions };
    const terminal = { info: () => {}, warn: () => {}, lambdaLog };
    const pool = createLambdaPool(options, { terminal, ...(settings.now ? { now: settings.now } : {}) });
    this.#pools.push(pool);
    const waitForLines = async (text: string, count: number) => {
      while (lines.filter(({ line }) => line.includes(text)).length < count) await once(arrivals, 'line');
    };
    return { ...pool, lines, waitForLines };
  }

  /** Returns a path that functions can wait for: see `gateCode`. */
  gate(): { readonly file: string; readonly open: () => void } {
    const file = path.join(this.directory, `gate-${randomUUID()}`);
    return { file, open: () => writeFileSync(file, '') };
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.close()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The code of a handler that logs `started` and ends when the file of its event's `gate` exists. */
export const GATED_HANDLER = `
  import { existsSync } from 'node:fs';
  import { setTimeout as delay } from 'node:timers/promises';
  export const handler = async (event) => {
    console.log('started', event.name);
    while (!existsSync(event.gate)) await delay(2);
    return { name: event.name, pid: process.pid };
  };
`;

/** Returns the kernel's letter for a process's state; undefined when there is no such process, or only its zombie. */
export function processState(pid: number): string | undefined {
  try {
    const state = /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return state === 'Z' ? undefined : state;
  } catch {
    // No such directory: the process has ended.
    return undefined;
  }
}
