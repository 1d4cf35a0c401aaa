import { type BundledSource, type Bundles, bundleHandlers } from './bundle-handlers.ts';
import { AUTHORIZE_HANDLER, HANDLERS } from './functions.ts';
import { STREAM_HANDLER } from './http-door.ts';

/** Size in bytes below which packages are shown as one sum. */
const SMALL_BYTES = 500;

// Prints a table of packages and their kilobytes for each bundle, or for those of the handlers that are named.
const named = process.argv.slice(2);
const handlers = [...Object.values(HANDLERS), AUTHORIZE_HANDLER, STREAM_HANDLER].filter(
  (handler) => named.length === 0 || named.includes(handler),
);
const bundles = await bundleHandlers(handlers);
try {
  for (const handler of handlers) print(handler, bundles);
} finally {
  await bundles.remove();
}

function print(handler: string, { contentsOf }: Bundles): void {
  const sizes = byPackage(contentsOf(handler));
  const total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  const large = [...sizes].filter(([, bytes]) => bytes >= SMALL_BYTES).toSorted(([, a], [, b]) => b - a);
  const rest = total - large.reduce((sum, [, bytes]) => sum + bytes, 0);
  const rows = [[handler, total], ...large, ['(smaller ones)', rest]] as const;
  const lines = rows.map(([name, bytes]) => `| ${name} | ${inKilobytes(bytes)} |`);
  process.stdout.write(`${lines.toSpliced(1, 0, '|---|---:|').join('\n')}\n\n`);
}

function byPackage(sources: readonly BundledSource[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { path, bytes } of sources) {
    const name = packageOf(path);
    sizes.set(name, (sizes.get(name) ?? 0) + bytes);
  }
  return sizes;
}

/** Returns the innermost package that a path is in. */
function packageOf(path: string): string {
  const name = /.*node_modules\/(?<name>(?:@[^/]+\/)?[^/]+)/.exec(path)?.groups?.['name'];
  return name ?? (/^[a-z]+\//.test(path) ? 'our own' : 'stand-ins');
}

function inKilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} KB`;
}
