import type { RefusedRequest } from './origin-guard.ts';

/**
 * Number of refused origins and hosts that the terminal names, 20, each once. Past it one line says that no more are
 * named, so that a page that tries again and again does not fill the terminal.
 */
const NAMED_REFUSALS = 20;

/** Number of characters of a refused origin or host that the terminal shows, 200. */
const SHOWN_CHARACTERS = 200;

/** Returns a function that names each refused origin and host once on the terminal, with the option that lets it in. */
export function createRefusalLines(warn: (line: string) => void): (refused: RefusedRequest) => void {
  const named = new Set<string>();
  return ({ header, value }) => {
    const line = lineOf({ header, value: value.slice(0, SHOWN_CHARACTERS) });
    if (named.size > NAMED_REFUSALS || named.has(line)) return;
    named.add(line);
    warn(named.size > NAMED_REFUSALS ? 'Further refused origins and hosts are not named.' : line);
  };
}

function lineOf({ header, value }: RefusedRequest): string {
  if (header === 'host') return `Refused a request for the host ${value}. To let it in: --origin http://${value}`;
  if (header === 'sec-fetch-site') return `Refused a request of another web page (${header}: ${value}).`;
  if (value === 'null') {
    return 'Refused a web page without an origin (a file, or a sandboxed frame). Serve it by HTTP, and see --origin.';
  }
  return `Refused a web page of the origin ${value}. To let it in: --origin ${value}`;
}
