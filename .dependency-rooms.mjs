import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';

/** The Lambdas' files, by what makes them that. */
const lambdas = readdirSync('handlers').filter((file) =>
  /^export (const|async function|function) handler\b/m.test(readFileSync(`handlers/${file}`, 'utf8')),
);
export const LAMBDAS = `^handlers/(${lambdas.map((file) => file.replace('.ts', '\\.ts')).join('|')})$`;

/** Files that put the parts together: the only ones that may know an AWS client's constructor. */
export const COMPOSITION_ROOT = '^handlers/(open-stores|open-fanout|open-failures|lambda)\\.ts$';

/** Small files at the top of shared/, each of one thing, that import no store and no fan-out. */
export const GROUND = '^shared/(backoff|config|errors|newest|observability|run-bounded)\\.ts$';

/** The port of posting: a type, and all that shared/fanout knows of shared/post. */
export const PORT = '^shared/post/post\\.ts$';
/** Requests over kept-alive sockets, and what signs them. */
export const HTTP = '^shared/http/';
/** The floor of all signers, of which the call of Secrets Manager takes the key. */
export const SIGV4 = '^shared/http/sigv4\\.ts$';
/** What others may take of the local runtime: its command line, and the error of a user's mistake. */
export const RUNTIME_DOORS = '^local/(command-line|model)\\.ts$';
export const SDK_POST = '^shared/post/sdk-(post|close)\\.ts$';
/** What the rooms of the stream Lambdas have in common: how a change record reads. */
const STREAM_RECORDS = '^shared/fanout/stream-records\\.ts$';

/** The rooms of shared/fanout, and the rooms that each of them stands on. */
export const FANOUT_ROOMS = {
  deliver: [],
  shards: ['deliver'],
  broadcast: ['deliver', 'shards'],
  'catch-up': ['deliver'],
  presence: ['deliver'],
};

/** Resolved, Node's own modules lose their `node:` when they can do without. */
export const NODE = ['^node:', `^(${builtinModules.filter((name) => !/^[_n].*:/.test(name)).join('|')})$`];
export const npm = (...names) => `(^|/)node_modules/(${names.join('|')})/`;
export const AWS_SDK = npm('@aws-sdk/[^/]+', '@smithy/[^/]+');
export const LAMBDA_TYPES = npm('@types/aws-lambda');
export const CLIENT_LAMBDA = npm('@aws-sdk/client-lambda');
export const POWERTOOLS = npm('@aws-lambda-powertools/[^/]+');

export const FANOUT_DOORS = [GROUND, PORT, STREAM_RECORDS, '^shared/(protocol|store)/', LAMBDA_TYPES, CLIENT_LAMBDA];

/** Returns the rule of a room that may import what is listed, and nothing else. */
export const may = (name, { room, except, doors, instead }) => ({
  name,
  comment: instead,
  severity: 'error',
  from: { path: room, ...(except === undefined ? {} : { pathNot: except }) },
  to: { pathNot: [room, ...doors] },
});

/** Returns the rule of a door that stays shut also by way of other files. */
export const never = (name, { from, except, to, instead }) => ({
  name,
  comment: instead,
  severity: 'error',
  from: { path: from, ...(except === undefined ? {} : { pathNot: except }) },
  to: { path: to, reachable: true },
});
