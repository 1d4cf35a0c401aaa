import { readFile, realpath, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { createBundler } from './page-bundle.ts';

/** Content types by extension. A file of any other kind is not served. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * Headers of every response. Scripts and styles come from this origin only; WebSockets may also connect elsewhere, for
 * a page that uses a deployed stage.
 */
const HEADERS = {
  'content-security-policy':
    "default-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-cache',
} as const;

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server of a page's files. `next` serves a request for anything else; without it the answer is 404 or 405. */
export type Page = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void;

/**
 * Returns a request handler that serves the files of `directory`, `index.html` at `/`, and `NAME.ts` bundled for
 * browsers at `/NAME.js`.
 */
export function createPage(
  directory: string,
  warn: (message: string) => void = (message) => process.stderr.write(`${message}\n`),
): Page {
  const bundle = createBundler(warn);
  const find = async (path: string): Promise<Answer> => {
    const file = await locate(directory, path);
    if (file !== undefined) return { status: 200, contentType: typeOf(file), body: await readFile(file) };
    const source = path.endsWith('.js') ? await locate(directory, `${path.slice(0, -'.js'.length)}.ts`) : undefined;
    if (source === undefined) return short(404, 'Not found');
    const bundled = await bundle(source);
    return 'script' in bundled
      ? { status: 200, contentType: typeOf('.js'), body: bundled.script }
      : short(500, bundled.message);
  };
  return (request, response, next) =>
    void serve({ find, warn, next }, request, response).catch((error: unknown) =>
      warn(`The page could not be sent: ${String(error)}`),
    );
}

interface Serving {
  readonly find: (path: string) => Promise<Answer>;
  readonly warn: (message: string) => void;
  readonly next: (() => void) | undefined;
}

async function serve({ find, warn, next }: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const found = await answer(request, find).catch((error: unknown) => {
    warn(`The page could not be served: ${String(error)}`);
    return short(500, 'The page could not be served; the terminal shows the reason.');
  });
  if (next !== undefined && isElsewhere(found)) next();
  else send(found, request, response);
}

/** Whether the page has no such file, or serves none by this method. */
const isElsewhere = ({ status }: Answer): boolean => status === 404 || status === 405;

async function answer(request: IncomingMessage, find: (path: string) => Promise<Answer>): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { ...short(405, 'Method not allowed'), headers: { allow: 'GET, HEAD' } };
  }
  const path = decodePath(request.url ?? '/');
  return path === undefined ? short(404, 'Not found') : await find(path);
}

/** Returns the decoded path without its query, or undefined if no file can have that path. */
function decodePath(url: string): string | undefined {
  const [path = ''] = url.split(/[?#]/, 1);
  try {
    const decoded = decodeURIComponent(path);
    const isPlain = decoded.startsWith('/') && !/[\\\0]/.test(decoded) && !decoded.split('/').includes('..');
    if (!isPlain) return undefined;
    return decoded === '/' ? 'index.html' : decoded.slice(1);
  } catch {
    // Invalid percent encoding: no file has that name.
    return undefined;
  }
}

/** Returns the path of the requested file, if it exists, has a served extension, and lies inside the directory. */
async function locate(directory: string, path: string): Promise<string | undefined> {
  if (!isServed(path)) return undefined;
  try {
    const root = await realpath(directory);
    // Resolved, because a symbolic link inside may lead outside.
    const file = await realpath(join(root, path));
    return file.startsWith(root + sep) && (await stat(file)).isFile() ? file : undefined;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

const isServed = (path: string): boolean =>
  !path.split('/').some((name) => name.startsWith('.')) && (extname(path) === '.ts' || extname(path) in CONTENT_TYPES);

const ABSENT: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

const isAbsent = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && ABSENT.has(error.code);

const typeOf = (path: string): string => CONTENT_TYPES[extname(path) || path] ?? 'application/octet-stream';

const short = (status: number, text: string): Answer => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body: `${text}\n`,
});

function send(
  { status, contentType, body, headers }: Answer,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  response.writeHead(status, {
    ...HEADERS,
    ...headers,
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
