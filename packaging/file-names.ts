/** Returns the name of the built file of a module or command, without extension: `index` for the package itself. */
export const fileNameOf = (path: string): string => (path === '.' ? 'index' : path.replace(/^\.\//, ''));
