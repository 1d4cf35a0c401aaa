import type { render } from 'velocityjs';

type Method = NonNullable<NonNullable<Parameters<typeof render>[3]>['customMethodHandlers']>[number];

/** Returns a method of Java's texts, which templates call, and which those of JavaScript have not, or not so. */
const textMethod = (name: string, run: (text: string, first: string, second: string) => unknown): Method => ({
  uid: `text.${name}`,
  match: ({ property, context }) => property === name && typeof context === 'string',
  resolve: ({ context, params }) => run(String(context), String(params?.[0] ?? ''), String(params?.[1] ?? '')),
});

/** Returns a method of Java's lists and maps. */
const collectionMethod = (name: string, run: (collection: object, given: unknown) => unknown): Method => ({
  uid: `collection.${name}`,
  match: ({ property, context }) => property === name && typeof context === 'object' && context !== null,
  resolve: ({ context, params }) => run(Object(context), params?.[0]),
});

/** The methods of Java that templates call. */
export const JAVA_METHODS: Method[] = [
  textMethod('length', (text) => text.length),
  textMethod('isEmpty', (text) => text === ''),
  textMethod('contains', (text, other) => text.includes(other)),
  textMethod('equals', (text, other) => text === other),
  textMethod('equalsIgnoreCase', (text, other) => text.toLowerCase() === other.toLowerCase()),
  // Java takes a regular expression here, and a text for `replace`, all of whose places are replaced.
  textMethod('replaceAll', (text, pattern, by) => text.replaceAll(new RegExp(pattern, 'g'), by)),
  textMethod('replaceFirst', (text, pattern, by) => text.replace(new RegExp(pattern), by)),
  textMethod('replace', (text, part, by) => text.replaceAll(part, () => by)),
  textMethod('matches', (text, pattern) => new RegExp(`^(?:${pattern})$`).test(text)),
  textMethod('split', (text, pattern) => withoutEmptyEnd(text.split(new RegExp(pattern)))),
  collectionMethod('isEmpty', (collection) => Object.keys(collection).length === 0),
  collectionMethod('contains', (collection, value) => Array.isArray(collection) && collection.includes(value)),
  collectionMethod('containsKey', (collection, key) => Object.hasOwn(collection, String(key))),
];

/** Returns the parts of a text as Java does, which drops empty ones at the end. */
function withoutEmptyEnd(parts: readonly string[]): readonly string[] {
  return parts.slice(0, parts.findLastIndex((part) => part !== '') + 1);
}
