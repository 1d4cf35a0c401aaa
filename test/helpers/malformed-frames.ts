import fc from 'fast-check';

/** Frames that people really send by mistake, and that attackers send on purpose; each deserves one error. */
export const MALFORMED_CORPUS: readonly (readonly [text: string, code: string])[] = [
  ['{', 'bad-json'],
  ['hello', 'bad-json'],
  ['{action:"plus"}', 'bad-json'],
  ["{'action':'plus'}", 'bad-json'],
  ['{"action":"plus"}{"action":"plus"}', 'bad-json'],
  ['\u0000', 'bad-json'],
  ['null', 'bad-frame'],
  ['[]', 'bad-frame'],
  ['[{"action":"plus"}]', 'bad-frame'],
  ['"plus"', 'bad-frame'],
  ['"pong"', 'bad-frame'],
  ['42', 'bad-frame'],
  ['{}', 'bad-frame'],
  ['{"type":"message"}', 'bad-frame'],
  ['{"type":"subscribe"}', 'bad-frame'],
  ['{"type":"subscribe","topic":"a b"}', 'bad-topic'],
  ['{"action":7}', 'bad-frame'],
  ['{"action":""}', 'unknown-action'],
  ['{"action":"Plus"}', 'unknown-action'],
  ['{"action":"$connect"}', 'unknown-action'],
  ['{"action":"$disconnect"}', 'unknown-action'],
  ['{"action":"$default"}', 'unknown-action'],
  ['{"action":"__proto__"}', 'unknown-action'],
  ['{"action":"constructor"}', 'unknown-action'],
  ['{"action":"plus","by":0}', 'bad-frame'],
  ['{"action":"plus","by":-1}', 'bad-frame'],
  ['{"action":"plus","by":1.5}', 'bad-frame'],
  ['{"action":"plus","by":"1"}', 'bad-frame'],
  ['{"action":"plus","by":1e300}', 'bad-frame'],
  ['{"action":"plus","by":null}', 'bad-frame'],
  ['{"action":"plus","min":2,"max":1}', 'bad-frame'],
  ['{"action":"plus","counter":""}', 'bad-frame'],
  ['{"action":"plus","counter":"a b"}', 'bad-frame'],
  ['{"action":"plus","key":"ä"}', 'bad-frame'],
  ['{"action":"plus","byy":1}', 'bad-frame'],
  ['{"action":"plus","__proto__":{"by":5}}', 'bad-frame'],
  ['{"action":"minus","id":""}', 'bad-frame'],
  [`{"action":"minus","id":"${'i'.repeat(65)}"}`, 'bad-frame'],
  ['{"action":"subscribe"}', 'bad-frame'],
  ['{"action":"subscribe","topic":7}', 'bad-frame'],
  ['{"action":"subscribe","topic":""}', 'bad-topic'],
  ['{"action":"subscribe","topic":"/a"}', 'bad-topic'],
  ['{"action":"subscribe","topic":"a/"}', 'bad-topic'],
  ['{"action":"subscribe","topic":"counter:"}', 'bad-topic'],
  ['{"action":"subscribe","topic":"counter:/a"}', 'bad-topic'],
  ['{"action":"subscribe","topic":"ä"}', 'bad-topic'],
  ['{"action":"subscribe","topic":"@connection"}', 'bad-topic'],
  ['{"action":"subscribe","topic":"a#0"}', 'bad-topic'],
  [`{"action":"subscribe","topic":"${'t'.repeat(129)}"}`, 'bad-topic'],
  ['{"action":"subscribe","topic":"*"}', 'bad-topic'],
  ['{"action":"subscribe","topic":"news*"}', 'bad-topic'],
  ['{"action":"subscribe","topic":"news/*/x"}', 'bad-topic'],
  ['{"action":"subscribe","topic":"/*"}', 'bad-topic'],
  ['{"action":"subscribe","topic":"counter:*"}', 'bad-topic'],
  ['{"action":"subscribe","topic":"a/b/c/d/e/*"}', 'bad-topic'],
  ['{"action":"unsubscribe","topic":"*"}', 'bad-topic'],
  ['{"action":"publish","topic":"news/*","data":1}', 'bad-topic'],
  ['{"type":"message","topic":"news/*","message":1}', 'bad-topic'],
  ['{"action":"subscribe","topic":"news/*","history":1}', 'bad-frame'],
  ['{"action":"subscribe","topic":"news/*","presence":true}', 'bad-frame'],
  ['{"action":"subscribe","topic":"news/*","position":{"epoch":"e","seq":1}}', 'bad-frame'],
  ['{"action":"subscribe","topic":"news/*","before":{"epoch":"e","seq":1},"history":1}', 'bad-frame'],
  ['{"action":"subscribe","topic":"news/*","positions":{"old/a":{"epoch":"e","seq":1}}}', 'bad-frame'],
  ['{"action":"subscribe","topic":"news/*","positions":{"news/a/*":{"epoch":null,"seq":0}}}', 'bad-frame'],
  ['{"action":"subscribe","topic":"news","positions":{}}', 'bad-frame'],
  ['{"action":"subscribe","topic":"a","history":0}', 'bad-frame'],
  ['{"action":"subscribe","topic":"a","history":101}', 'bad-frame'],
  ['{"action":"subscribe","topic":"a","position":{"epoch":"e"}}', 'bad-frame'],
  ['{"action":"subscribe","topic":"a","position":{"epoch":1,"seq":1}}', 'bad-frame'],
  ['{"action":"subscribe","topic":"a","batch":false}', 'bad-frame'],
  ['{"action":"subscribe","topic":"a","before":{"epoch":"e","seq":1}}', 'bad-frame'],
  ['{"action":"subscribe","topic":"a","before":{"epoch":null,"seq":1},"history":1}', 'bad-frame'],
  ['{"action":"subscribe","topic":"a","before":1,"history":1}', 'bad-frame'],
  ['{"action":"subscribe","topic":"a","before":{"epoch":"e","seq":1},"history":1,"batch":true}', 'bad-frame'],
  ['{"action":"subscribe","topic":"a","before":{"epoch":"e","seq":1},"history":1,"presence":true}', 'bad-frame'],
  [
    '{"action":"subscribe","topic":"a","before":{"epoch":"e","seq":2},"history":1,"position":{"epoch":"e","seq":1}}',
    'bad-frame',
  ],
  ['{"action":"unsubscribe","topic":null}', 'bad-frame'],
  ['{"action":"publish","topic":"a"}', 'bad-frame'],
  ['{"action":"publish","data":1}', 'bad-frame'],
  ['{"action":"publish","topic":"counter:x","data":1}', 'bad-topic'],
  ['{"action":"publish","topic":"a","data":1,"echo":"no"}', 'bad-frame'],
  [`{"action":"publish","topic":"a","data":"${'d'.repeat(28_672)}"}`, 'too-large'],
  [`{"action":"publish","topic":"a","data":"${'ä'.repeat(14_336)}"}`, 'too-large'],
  [`{"action":"publish","topic":"a","data":${'['.repeat(12_000)}${']'.repeat(12_000)}}`, 'bad-frame'],
  ['{"action":"onMessage"}', 'bad-frame'],
  ['{"action":"onMessage","data":1}', 'bad-frame'],
  ['{"action":"ping","positions":[]}', 'bad-frame'],
  ['{"action":"ping","positions":{"a b":{"epoch":null,"seq":0}}}', 'bad-frame'],
  ['{"action":"ping","positions":{"a":{"epoch":null,"seq":-1}}}', 'bad-frame'],
];

const PLAIN_TEXTS: readonly string[] = ['ping', 'Marko?'];

/** Field values that no schema of the protocol takes. */
const WRONG: readonly unknown[] = [null, [], {}, -1, 1.5, '', ' ', '\u0000', true, 'ä'.repeat(200)];

/** Whole frames that are right; each field of them is needed or checked. */
const RIGHT: readonly Readonly<Record<string, unknown>>[] = [
  { action: 'subscribe', topic: 'a', history: 1 },
  { action: 'unsubscribe', topic: 'a' },
  { action: 'publish', topic: 'a', data: 1, key: 'k' },
  { action: 'plus', counter: 'c', by: 1, min: 0, max: 9 },
  { action: 'minus', counter: 'c', by: 1, key: 'k' },
  { action: 'onMessage', message: 1 },
  { action: 'ping', positions: { a: { epoch: null, seq: 0 } } },
];

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const notJson = fc.string().filter((text) => !isJson(text) && !PLAIN_TEXTS.includes(text.trim()));

const notAFrame = fc
  .oneof(
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.jsonValue()),
    fc.dictionary(fc.string(), fc.jsonValue()),
  )
  .filter(
    (value) =>
      typeof value !== 'object' || value === null || Array.isArray(value) || !('action' in value || 'type' in value),
  )
  .map((value) => JSON.stringify(value));

const unknownField = fc
  .tuple(fc.constantFrom(...RIGHT), fc.string({ minLength: 1 }), fc.jsonValue())
  .map(([frame, name, value]) => JSON.stringify({ ...frame, [`x-${name}`]: value }));

/** Frames with a malformed topic. Counters are left out: an odd name of a counter may be valid. */
const wrongTopic = fc
  .tuple(fc.constantFrom('subscribe', 'unsubscribe', 'publish'), fc.constantFrom(...WRONG))
  .map(([action, topic]) => JSON.stringify({ action, topic, ...(action === 'publish' ? { data: 1 } : {}) }));

const missingField = fc
  .constantFrom(
    { action: 'subscribe' },
    { action: 'unsubscribe' },
    { action: 'publish', topic: 'a' },
    { action: 'publish', data: 1 },
    { action: 'onMessage' },
  )
  .map((frame) => JSON.stringify(frame));

const unknownAction = fc
  .string()
  .filter((action) => !RIGHT.some((frame) => frame['action'] === action))
  .map((action) => JSON.stringify({ action }));

/** Texts of which every one must be answered with an error: the same ones for the same seed. */
export const malformedFrames = (count: number, seed: number): string[] =>
  fc.sample(fc.oneof(notJson, notAFrame, unknownField, wrongTopic, missingField, unknownAction), {
    numRuns: count,
    seed,
  });
