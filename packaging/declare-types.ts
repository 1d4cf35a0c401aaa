import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileNameOf } from './file-names.ts';
import type { BuildSettings, PackageSource } from './packages.ts';
import { rollUp } from './roll-up.ts';
import { ROOT } from './root.ts';

/** The folder of declarations in the making. Inside the repository, so that their imports resolve. */
const WORK = join(ROOT, '.distributary', 'declarations');

/** The types of the platform. Declarations for browsers need none of Node. */
const PLATFORM_OPTIONS = {
  browser: { lib: ['es2024', 'esnext.array', 'dom'], types: [] },
  node: { lib: ['es2024', 'esnext.array'], types: ['node'] },
} as const;

/**
 * Writes one file of declarations for each module of a package, with everything that it uses of this repository.
 * Returns the packages that the declarations import.
 */
export function declareTypes(source: PackageSource, settings: BuildSettings): readonly string[] {
  if (Object.keys(source.modules).length === 0) return [];
  mkdirSync(WORK, { recursive: true });
  const work = mkdtempSync(join(WORK, 'build-'));
  try {
    emitDeclarations(source, work);
    return Object.entries(source.modules).flatMap(([path, module]) => {
      const file = join(settings.folder, `${fileNameOf(path)}.d.ts`);
      const entry = join(work, module.replace(/\.tsx?$/, '.d.ts'));
      const report = path === '.' ? source.report : undefined;
      rollUp({ entry, file, work, report, keepsReport: settings.keepsReport });
      return packagesOf(readFileSync(file, 'utf8'));
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Writes the declarations of the modules and of all that they import. */
function emitDeclarations({ modules, platform }: PackageSource, work: string): void {
  const project = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: {
      ...PLATFORM_OPTIONS[platform],
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      rootDir: ROOT,
      outDir: work,
    },
    include: [],
    files: Object.values(modules).map((module) => join(ROOT, module)),
  };
  const file = join(work, 'tsconfig.json');
  writeFileSync(file, JSON.stringify(project));
  execFileSync(process.execPath, [join(ROOT, 'node_modules/.bin/tsc'), '-p', file], { stdio: 'inherit' });
}

/** Returns the modules of packages that a file of declarations imports. */
function packagesOf(declarations: string): readonly string[] {
  const imports = declarations.matchAll(/(?:^(?:import|export) [^;]*?from |\bimport\()'([^']+)'/gm);
  return [...imports].flatMap(([, module = '']) => (isBuiltin(module) ? [] : [module]));
}
