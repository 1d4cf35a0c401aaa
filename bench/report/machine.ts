import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { HERE } from '../processes/start-runtime.ts';

const BYTES_PER_GB = 1024 ** 3;

/** Where and with what a result was measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly platform: string;
  readonly node: string;
  readonly measuredAt: string;
  /** Of the packages that are compared. */
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
    // Left out where it was not built for this machine.
    return 'absent';
  }
}
