const { NODE_COMPILE_CACHE: directory } = process.env;

/** The variable that lets a child process without the other variables of the tests share their compile cache. */
export const COMPILE_CACHE: Readonly<Record<string, string>> =
  directory === undefined ? {} : { NODE_COMPILE_CACHE: directory };
