import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The packages of the conformance suite, pinned. They are no dependencies of the project: nothing else needs them. */
const PACKAGES = {
  '@durable-streams/server-conformance-tests': '0.3.6',
  '@durable-streams/client': '0.2.7',
  vitest: '4.1.12',
} as const;

/** The suite's own command finds no test file when it is installed from npm, so a test file of its own calls it. */
const SUITE = `import { runConformanceTests } from '@durable-streams/server-conformance-tests';
runConformanceTests({ baseUrl: process.env.DOOR_URL, longPollTimeoutMs: Number(process.env.LONG_POLL_MS) });
`;

/** Installs the suite into a folder of its own, unless it is there, and writes its test file. */
export function installSuite(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'suite.test.js'), SUITE);
  const manifest = JSON.stringify({ private: true, type: 'module', dependencies: PACKAGES });
  if (isInstalled(folder, manifest)) return;
  writeFileSync(join(folder, 'package.json'), manifest);
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', ['install', ...options], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  writeFileSync(join(folder, 'installed.json'), manifest);
}

function isInstalled(folder: string, manifest: string): boolean {
  try {
    return readFileSync(join(folder, 'installed.json'), 'utf8') === manifest;
  } catch {
    return false;
  }
}
