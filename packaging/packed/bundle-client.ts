import { FreshFolder } from './fresh-folder.ts';

/** A bundler: its package, and the command that bundles `entry.js` into `out/NAME.mjs`. */
interface Bundler {
  readonly packages: readonly string[];
  readonly command: readonly string[];
  readonly isSlow?: boolean;
}

const BUNDLERS: Readonly<Record<string, Bundler>> = {
  esbuild: {
    packages: ['esbuild@0.28.2'],
    command: ['esbuild', 'entry.js', '--bundle', '--format=esm', '--minify', '--outfile=out/esbuild.mjs'],
  },
  rollup: {
    packages: ['rollup@4.68.8', '@rollup/plugin-node-resolve@16.0.3'],
    // The client has a chunk of its own for HTTP: rollup writes several files into a folder only.
    command: 'rollup entry.js -p @rollup/plugin-node-resolve -f es -d out --entryFileNames rollup.mjs'.split(' '),
  },
  vite: { packages: ['vite@8.4.0'], command: ['vite', 'build', '--config', 'vite.config.mjs'] },
  webpack: {
    packages: ['webpack@5.113.0', 'webpack-cli@7.3.1'],
    command: ['webpack', '--config', 'webpack.config.mjs'],
    isSlow: true,
  },
  parcel: {
    packages: ['parcel@2.16.4'],
    command: ['parcel', 'build', 'entry.js', '--dist-dir', 'out', '--no-cache', '--no-source-maps'],
    isSlow: true,
  },
};

const FILES = {
  'entry.js': `import { connect } from '@distributary/client';\nconsole.log('connect is a', typeof connect);\n`,
  'vite.config.mjs': `export default {
  logLevel: 'warn',
  build: { outDir: 'out', emptyOutDir: false, lib: { entry: 'entry.js', formats: ['es'], fileName: () => 'vite.mjs' } },
};\n`,
  'webpack.config.mjs': `export default {
  mode: 'production', entry: './entry.js', experiments: { outputModule: true },
  output: { path: import.meta.dirname + '/out', filename: 'webpack.mjs', module: true },
};\n`,
};

/** Bundles the client by each bundler, and runs the bundles. */
export async function bundleClient(tarballs: readonly string[], hasAll: boolean): Promise<void> {
  const chosen = Object.entries(BUNDLERS).filter(([, { isSlow = false }]) => hasAll || !isSlow);
  const folder = new FreshFolder();
  try {
    await folder.install([...tarballs, ...chosen.flatMap(([, { packages }]) => packages)]);
    folder.write(FILES);
    for (const [name, { command }] of chosen) {
      await folder.run('npx', [...command]);
      const file = name === 'parcel' ? 'out/entry.js' : `out/${name}.mjs`;
      const { stdout } = await folder.run(process.execPath, [file]);
      if (stdout.trim() !== 'connect is a function') throw new Error(`The bundle of ${name} says: ${stdout}`);
    }
  } finally {
    folder.remove();
  }
}
