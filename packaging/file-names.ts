/** Returns the name of the built file of a module or command, without extension: `index` for the package itself. */
export const fileNameOf = (path: string): string => (path === '.' ? 'index' : path.replace(/^\.\//, ''));

/** Returns the name of the built file of a module that keeps its path, without extension: `cli/main`. */
export const builtPathOf = (module: string): string => module.replace(/\.tsx?$/, '');
