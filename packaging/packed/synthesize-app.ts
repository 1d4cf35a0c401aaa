import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FreshFolder } from './fresh-folder.ts';
import { SHOP_APP } from './shop-app.ts';

/**
 * Synthesizes an app of two instances and topics from a table. Throws for a warning, and for a bundle that is missing.
 */
export async function synthesizeApp(folder: FreshFolder): Promise<void> {
  folder.write({ 'app.mjs': SHOP_APP });
  const { stdout, stderr } = await folder.run(process.execPath, ['app.mjs', 'cdk.out']);
  if (/warn/i.test(stdout + stderr)) throw new Error(`The app warns:\n${stdout}${stderr}`);
  checkAssembly(join(folder.path, 'cdk.out'));
}

/** Checks that the template has both instances, and each function a bundle of its own. */
function checkAssembly(assembly: string): void {
  const template = readFileSync(join(assembly, 'Shop.template.json'), 'utf8');
  for (const name of ['LiveWebSocketUrl', 'ChatWebSocketUrl', 'LiveTopicsFromOrders']) {
    if (!template.includes(name)) throw new Error(`The template has no ${name}.`);
  }
  const assets = readdirSync(assembly).filter((name) => name.startsWith('asset.'));
  const bundled = assets.filter((name) => existsSync(join(assembly, name, 'index.mjs')));
  // Each handler once, and those of the other poster again.
  if (bundled.length < 20) throw new Error(`The assembly has ${bundled.length} bundles.`);
}
