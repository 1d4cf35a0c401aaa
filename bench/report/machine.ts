import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { HERE } from '../processes/start-runtime.ts';

const BYTES_PER_GB = 1024 ** 3;

/** The machine and the versions that a result was measured with. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly platform: string;
  readonly node: string;
  readonly measuredAt: string;
  /** The versions of the compared packages. */
  readonly versions: Readonly<Record<string, string>>;
}

const COMPARED = [
  '@dynoxide/linux-x64',
  '@aws-sdk/client-apigatewaymanagementapi',
  'undici',
  'ws',
  'socket.io',
  'aedes',
  'mqtt',
] as const;

/** Returns a description of this machine and of the installed versions. */
export const machine = (now: Date): Machine => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / BYTES_PER_GB),
  platform: `${process.platform} ${process.arch}`,
  node: process.versions.node,
  measuredAt: now.toISOString(),
  versions: Object.fromEntries(COMPARED.map((name) => [name, versionOf(name)])),
});

function versionOf(name: string): string {
  try {
    const text = readFileSync(join(HERE, 'node_modules', name, 'package.json'), 'utf8');
    const { version }: { version: string } = JSON.parse(text);
    return version;
  } catch {
    // An optional package that was not built for this machine.
    return 'absent';
  }
}
