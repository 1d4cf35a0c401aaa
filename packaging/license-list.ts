/** The licenses that what is deployed, or installed with the packages, may have, by their SPDX ids. */
const ALLOWED: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MIT-0',
]);

/** An entry of a lock file, as far as it says what is installed for production. */
export interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
}

/** The licenses of the packages of a lock file that are installed for production. */
export interface LicenseReport {
  /** The number of packages by license. */
  readonly counts: ReadonlyMap<string, number>;
  /** The packages whose license is not allowed, or not known, each with its license. */
  readonly refused: readonly string[];
}

const INSTALLED = 'node_modules/';

/**
 * Holds the packages of a lock file against the allowed licenses. `declared` finds the license of a package that the
 * lock file does not name: one with the form of before SPDX.
 */
export function readLicenses(
  packages: Readonly<Record<string, LockedPackage>>,
  declared: (path: string) => string | undefined,
): LicenseReport {
  const counts = new Map<string, number>();
  const refused: string[] = [];
  for (const [path, { version = '', license, dev, devOptional, link }] of Object.entries(packages)) {
    if (!path.startsWith(INSTALLED) || dev === true || devOptional === true || link === true) continue;
    const found = license ?? declared(path) ?? 'unknown';
    counts.set(found, (counts.get(found) ?? 0) + 1);
    if (!isAllowed(found)) refused.push(`${path.slice(INSTALLED.length)} ${version}: ${found}`);
  }
  return { counts, refused };
}

/** Whether an SPDX expression is allowed: one of its alternatives with all its parts. */
const isAllowed = (expression: string): boolean =>
  expression
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .some((alternative) => alternative.split(' AND ').every((license) => ALLOWED.has(license)));
