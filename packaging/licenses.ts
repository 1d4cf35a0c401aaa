import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LockedPackage, readLicenses } from './license-list.ts';
import { ROOT } from './root.ts';

interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** A package's own description, with the two forms of before SPDX. */
interface Described {
  readonly license?: string | { readonly type?: string };
  readonly licenses?: readonly { readonly type?: string }[];
}

const { packages }: LockFile = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
const { counts, refused } = readLicenses(packages, declared);
const summary = [...counts].toSorted(([, a], [, b]) => b - a).map(([license, count]) => `${count} ${license}`);
process.stdout.write(`licenses of what is installed for production: ${summary.join(', ')}\n`);
for (const each of refused) process.stderr.write(`not allowed: ${each}\n`);
process.exitCode = refused.length === 0 ? 0 : 1;

/** Returns the license that an installed package declares itself. */
function declared(path: string): string | undefined {
  const file = join(ROOT, path, 'package.json');
  if (!existsSync(file)) return undefined;
  const { license, licenses }: Described = JSON.parse(readFileSync(file, 'utf8'));
  return typeof license === 'string' ? license : (license?.type ?? licenses?.[0]?.type);
}
