import { arch, platform } from 'node:process';

/** A runtime that comes as an npm package. */
export interface Runtime {
  readonly name: string;
  /** The package with the executable for this platform, which has no install script. */
  readonly package: string;
  readonly version: string;
  /** The executable inside the package. */
  readonly file: string;
  /** The arguments before the script's. */
  readonly args: readonly string[];
}

const IS_WINDOWS = platform === 'win32';

/** The Node versions that are installed: the oldest that runs the sources, and the newest of each line. */
const NODE_VERSIONS = ['22.18.0', '22.23.3', '26.10.0'];

const DENO_VERSION = '2.9.6';

/** The pinned runtimes. Node 24, Lambda's own, is a dependency of this project already. */
export const RUNTIMES: readonly Runtime[] = [...NODE_VERSIONS.map(nodeOf), deno()];

function nodeOf(version: string): Runtime {
  return {
    name: `node-${version}`,
    package: `node-${IS_WINDOWS ? 'win' : platform}-${arch}`,
    version,
    file: IS_WINDOWS ? 'bin/node.exe' : 'bin/node',
    args: [],
  };
}

function deno(): Runtime {
  return {
    name: `deno-${DENO_VERSION}`,
    package: `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`,
    version: DENO_VERSION,
    file: IS_WINDOWS ? 'deno.exe' : 'deno',
    args: ['run', '--quiet', '--no-prompt', '--allow-net=127.0.0.1'],
  };
}
