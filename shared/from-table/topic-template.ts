import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { isCounterTopic, isTopic } from '../protocol/topic.ts';
import type { Item } from '../store/attributes.ts';

/** A part of a topic template: fixed text, or the attribute whose value stands there. */
type Part =
  | { readonly text: string }
  | {
      readonly attribute: string;
      /** Whether the value may contain `/` and `:`, so that it may be several segments of the topic. */
      readonly isOpen: boolean;
    };

/** A parsed topic template. */
export type TopicTemplate = readonly Part[];

/** The topic of an item, or the reason for which it has none. */
export type FilledTopic = { readonly topic: string } | { readonly fault: string };

/** An attribute in braces. `{+name}` is the reserved expansion of RFC 6570: it lets separators through. */
const PLACEHOLDER = /\{(\+?)([^{}]+)\}/;

/** The pattern of a value that is one segment of a topic. */
const SEGMENT = /^[A-Za-z0-9_\-.]+$/;

/**
 * Parses a topic template such as `order:{customerId}`. Throws Error if no value could make it a topic's name, or if it
 * names a counter: only `plus` and `minus` publish to those.
 */
export function parseTemplate(template: string): TopicTemplate {
  // `split` alternates between the text around the placeholders and the two groups of each.
  const pieces = template.split(PLACEHOLDER);
  const parts = pieces.flatMap((piece, index): Part[] => {
    if (index % 3 === 1) return [];
    if (index % 3 === 2) return [{ attribute: piece, isOpen: pieces[index - 1] === '+' }];
    return piece === '' ? [] : [{ text: piece }];
  });
  const example = parts.map((part) => ('text' in part ? part.text : 'x')).join('');
  if (!isTopic(example)) throw new Error(`is not a template of topics: ${template}`);
  if (isCounterTopic(example)) throw new Error('names a counter, which only plus and minus change');
  return parts;
}

/**
 * Returns the topic of an item. An attribute's value stands for one segment: one with `/` or `:` would put the item
 * into a topic that the template does not mean, and that others may be permitted to read.
 */
export function fillTemplate(template: TopicTemplate, item: Item): FilledTopic {
  let topic = '';
  for (const part of template) {
    if ('text' in part) topic += part.text;
    else {
      const value = textOf(item[part.attribute]);
      if (value === undefined || value === '') return { fault: `the attribute ${part.attribute} has no value` };
      if (!part.isOpen && !SEGMENT.test(value)) return { fault: `${part.attribute} is not one segment of a topic` };
      topic += value;
    }
  }
  if (!isTopic(topic)) return { fault: 'the topic’s name is invalid' };
  return isCounterTopic(topic) ? { fault: 'the topic is a counter’s' } : { topic };
}

/** Returns a text, or a number's digits; undefined for any other type. */
const textOf = (value: AttributeValue | undefined): string | undefined => value?.S ?? value?.N;
