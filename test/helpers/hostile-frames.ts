import fc from 'fast-check';
import { malformedFrames } from './malformed-frames.ts';

/** The facts that an attacker knows of the client that it attacks. */
export interface Victim {
  readonly topic: string;
  readonly counter: string;
  readonly connectionId: string;
  /** A key that the victim has used. */
  readonly key: string;
  readonly subject: string;
}

const INJECTED = '"}\n{"level":"INFO","forged":true}\n';
const NESTING = 5_000;
const DEEP = `${'{"a":'.repeat(NESTING)}1${'}'.repeat(NESTING)}`;
const NOWHERE = '{"epoch":null,"seq":0}';

/** Returns names that look like a name, and names of the store's records. */
const lookAlikes = (name: string): readonly string[] => [
  name,
  `${name}/`,
  `/${name}`,
  ` ${name}`,
  `${name}\u0000`,
  `${name}\u202E`,
  name.toUpperCase(),
  name.replace('a', '\u0430'),
  `${name}#0`,
  `${name}/*`,
  `./${name}`,
  `../${name}`,
  `%2e/${name}`,
  `counter:${name}`,
  '*',
  'everyone',
  '@connection',
  '@end',
  '@presence:everyone',
  '__proto__',
  'constructor',
  'toString',
];

/** Returns fields that a careless server would take for its own. */
const FOREIGN_FIELDS = ({ connectionId, subject }: Victim): readonly object[] => [
  { from: subject },
  { sub: subject },
  { connectionId },
  { requestContext: { connectionId, authorizer: { sub: subject } } },
  { tokenEnd: 9e15 },
  { permissions: '*' },
  JSON.parse('{"__proto__":{"isAdmin":true}}'),
  JSON.parse('{"constructor":{"prototype":{"isAdmin":true}}}'),
];

/**
 * Returns frames of an attacker that has no permission for the victim's topic and counter, and malformed ones. A seed
 * always gives equal frames. Each has to be answered with one error.
 */
export function hostileFrames(count: number, seed: number, victim: Victim): string[] {
  const topic = fc.constantFrom(...lookAlikes(victim.topic), `@revoked#${victim.subject}`, victim.connectionId);
  const counter = fc.constantFrom(...lookAlikes(victim.counter));
  const key = fc.constantFrom({}, { key: victim.key });
  const id = fc.constantFrom({}, { id: '__proto__' }, { id: INJECTED });
  const foreign = fc.constantFrom({}, {}, ...FOREIGN_FIELDS(victim));
  const extras = fc.tuple(key, id, foreign);
  const withExtras = (frame: object, [one, two, three]: readonly object[]): string =>
    JSON.stringify({ ...frame, ...one, ...two, ...three });

  const publish = fc
    .tuple(fc.constantFrom('publish', 'message'), topic, extras)
    .map(([verb, name, more]) =>
      withExtras(
        verb === 'publish' ? { action: verb, topic: name, data: 1 } : { type: verb, topic: name, message: 1 },
        more,
      ),
    );
  const increment = fc
    .tuple(fc.constantFrom('plus', 'minus'), counter, extras)
    .map(([action, name, more]) => withExtras({ action, counter: name, by: 1 }, more));
  const reading = fc.constantFrom(
    {},
    { history: 100 },
    { presence: true },
    { position: { epoch: null, seq: 0 } },
    { before: { epoch: null, seq: 0 }, history: 100 },
    { batch: true },
  );
  const subscribe = fc
    .tuple(topic, reading, id, foreign)
    .map(([name, how, ...more]) => withExtras({ action: 'subscribe', topic: name, ...how }, [...more, {}]));
  const ping = topic.map((name) => `{"action":"ping","positions":{${JSON.stringify(name)}:${NOWHERE}}}`);
  const deep = topic.map((name) => `{"action":"publish","topic":${JSON.stringify(name)},"data":${DEEP}}`);
  const all = fc.constantFrom(
    '{"action":"plus"}',
    '{"action":"onMessage","message":1}',
    '{"type":"message","message":1}',
  );
  const own = fc.sample(fc.oneof(publish, increment, subscribe, ping, all, { weight: 1, arbitrary: deep }), {
    numRuns: Math.ceil((count * 3) / 4),
    seed,
  });
  return [...own, ...malformedFrames(count - own.length, seed)];
}
