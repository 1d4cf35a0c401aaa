import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The file that holds this code: in a deployed function, the bundle of everything it runs. */
const BUNDLE = import.meta.url;

/** A frame of a stack. Its text is a line of the stack, as V8 writes it. */
interface Frame extends NodeJS.CallSite {
  readonly toString: () => string;
}

/** A source map of nothing. */
const NO_MAP = { version: 3, file: '', sources: [], sourcesContent: [], names: [], mappings: '', sourceRoot: '' };

/**
 * Makes the stack of each error name the sources instead of the bundle, by the source map beside it. The map is read
 * when the first stack is asked for. The option `--enable-source-maps` of Node reads it at each cold start and counts
 * the lines of the bundle, a tenth of the start. Outside a bundle there is nothing to map, and nothing changes.
 */
export function mapStackTraces(): void {
  const file = fileURLToPath(BUNDLE);
  if (!file.endsWith('.mjs')) return;
  let map: SourceMap | undefined;
  Error.prepareStackTrace = (error, frames) => {
    map ??= readMap(`${file}.map`);
    return stackOf(error, frames, map);
  };
}

/** Reads a source map. A file that is not there maps nothing: an error must not be hidden by one of its own telling. */
const readMap = (file: string): SourceMap =>
  new SourceMap(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : NO_MAP);

/** Returns a stack in the form that V8 gives it. */
const stackOf = (error: Error, frames: readonly Frame[], map: SourceMap): string =>
  [Error.prototype.toString.call(error), ...frames.map((frame) => textOf(frame, map))].join('\n    at ');

/** Returns a frame as V8 shows it. A place in the bundle becomes the place in its source, relative to the checkout. */
function textOf(frame: Frame, map: SourceMap): string {
  const [line, column] = [frame.getLineNumber(), frame.getColumnNumber()];
  const text = frame.toString();
  if (frame.getFileName() !== BUNDLE || line === null || column === null) return text;
  const origin = map.findOrigin(line, column);
  if (!('fileName' in origin)) return text;
  const source = origin.fileName.replace(/^(\.\.\/)+/, '');
  return text.replace(`${BUNDLE}:${line}:${column}`, `${source}:${origin.lineNumber}:${origin.columnNumber}`);
}
