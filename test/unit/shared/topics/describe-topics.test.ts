import { Parser } from '@asyncapi/parser';
import { Ajv } from 'ajv';
import * as v from 'valibot';
import * as z from 'zod';
import * as mini from 'zod/mini';
import { ConfigError } from '../../../../shared/errors.ts';
import { counter, defineTopics, type TopicDefinitions } from '../../../../shared/topics/define-topics.ts';
import { describeTopics, type DescribeTopicsOptions } from '../../../../shared/topics/describe-topics.ts';

interface Thread {
  readonly text: string;
  readonly answers: readonly Thread[];
}

const thread: z.ZodType<Thread> = z.object({
  text: z.string(),
  get answers() {
    return z.array(thread);
  },
});

const topics = defineTopics({
  news: z.object({ title: z.string(), tags: z.array(z.string()).optional() }),
  'order:*': z.object({ status: z.enum(['paid', 'sent']), total: z.number() }),
  'thread/*': thread,
  'counter:votes': counter({ min: 0, max: 10 }),
  'counter:*': counter(),
});

const describeThem = (definitions: TopicDefinitions, options?: DescribeTopicsOptions) => {
  const { document, undescribed } = describeTopics(definitions, options);
  return { undescribed, document: JSON.parse(JSON.stringify(document)) };
};

/** Returns whether data fits a frame of the document. */
function checks(document: { components: { messages: Record<string, { payload: object }>; schemas: object } }) {
  const ajv = new Ajv({ strict: false });
  return (message: string, frame: object): boolean => {
    const payload = document.components.messages[message]?.payload;
    return ajv.validate({ ...payload, components: document.components }, frame);
  };
}

describe('the document of an application’s topics', () => {
  it('has no finding of AsyncAPI’s own parser, except that it names neither a license nor a contact', async () => {
    const { document } = describeThem(topics, { title: 'Shop', url: 'wss://live.example.com/stage' });

    const { document: parsed, diagnostics } = await new Parser().parse(JSON.stringify(document));

    const findings = diagnostics.map(({ code, message, path }) => ({ code, message, path: path.join('.') }));
    expect(findings.filter(({ path }) => path !== 'info')).toEqual([]);
    expect(parsed?.info().title()).toBe('Shop');
    expect(
      parsed
        ?.servers()
        .all()
        .map((server) => server.url()),
    ).toEqual(['wss://live.example.com/stage']);
    expect(
      parsed
        ?.channels()
        .all()
        .map((channel) => channel.address()),
    ).toEqual(['news', 'order:{name}', 'thread/{name}', 'counter:votes', 'counter:{name}']);
    expect(
      parsed
        ?.operations()
        .all()
        .map((operation) => operation.id()),
    ).toContain('order-each.publish');
  });

  it('describes the frames that data travel in: those that fit the schemas, and no others', () => {
    const fits = checks(describeThem(topics).document);
    const news = (data: unknown) => ({ action: 'publish', topic: 'news', data });
    const at = { epoch: 'e1', seq: 1, publishedAt: '2026-11-30T10:00:00.000Z' };
    const order = (topic: string, data: unknown) => ({ type: 'message', topic, ...at, data });

    expect(fits('news.publish', news({ title: 'Lock 4' }))).toBe(true);
    expect(fits('news.publish', news({ title: 4 }))).toBe(false);
    expect(fits('news.publish', { ...news(1), topic: 'other', data: { title: 'a' } })).toBe(false);
    expect(fits('news.publish', { action: 'publish', topic: 'news', messages: [{ title: 'a' }] })).toBe(true);
    expect(fits('news.publish', { action: 'publish', topic: 'news', messages: [{}] })).toBe(false);
    expect(fits('order-each.message', order('order:7', { status: 'sent', total: 1 }))).toBe(true);
    expect(fits('order-each.message', order('order:7', { status: 'lost', total: 1 }))).toBe(false);
    expect(fits('order-each.message', order('order:', { status: 'sent', total: 1 }))).toBe(false);
    const deep = { text: 'a', answers: [{ text: 'b', answers: [] }] };
    expect(fits('thread-each.publish', { action: 'publish', topic: 'thread/1', data: deep })).toBe(true);
    const broken = { text: 'a', answers: [{ text: 'b', answers: [1] }] };
    expect(fits('thread-each.publish', { action: 'publish', topic: 'thread/1', data: broken })).toBe(false);
    expect(fits('counter-votes.plus', { action: 'plus', counter: 'votes', by: 2 })).toBe(true);
    expect(fits('counter-votes.plus', { action: 'plus', counter: 'other' })).toBe(false);
    expect(fits('counter-votes.state', { type: 'state', counter: 'votes', epoch: 'e1', seq: 1, value: 11 })).toBe(
      false,
    );
    expect(fits('counter-each.state', { type: 'state', counter: 'x', epoch: 'e1', seq: 1, value: 11 })).toBe(true);
  });

  it('names what it cannot describe, and why, and takes any data there', async () => {
    const definitions = defineTopics({
      news: z.object({ title: z.string() }),
      dates: z.date(),
      mini: mini.object({ a: mini.string() }),
      valibot: v.object({ a: v.string() }),
    });

    const { document, undescribed } = describeThem(definitions);

    expect(undescribed).toEqual([
      { pattern: 'dates', reason: expect.stringContaining('Date cannot be represented') },
      { pattern: 'mini', reason: 'zod writes no JSON Schema by itself' },
      { pattern: 'valibot', reason: 'valibot writes no JSON Schema by itself' },
    ]);
    expect(document.info.description).toContain('`valibot`: valibot writes no JSON Schema by itself');
    expect(checks(document)('dates.publish', { action: 'publish', topic: 'dates', data: 'any' })).toBe(true);
    const { diagnostics } = await new Parser().parse(JSON.stringify(document));
    expect(diagnostics.filter(({ path }) => path.join('.') !== 'info')).toEqual([]);
  });

  it('describes schemas of other libraries by a function that writes their JSON Schema', () => {
    const definitions = { mini: mini.object({ a: mini.string() }) };

    const { document, undescribed } = describeThem(definitions, {
      toJsonSchema: (schema) => mini.toJSONSchema(schema as unknown as mini.ZodMiniType, { target: 'draft-7' }),
    });

    const fits = checks(document);
    expect(undescribed).toEqual([]);
    expect(fits('mini.publish', { action: 'publish', topic: 'mini', data: { a: 'x' } })).toBe(true);
    expect(fits('mini.publish', { action: 'publish', topic: 'mini', data: { a: 1 } })).toBe(false);
  });

  it('gives each pattern a channel of its own, however alike their names', () => {
    const { document } = describeThem({ 'a/b': z.string(), 'a:b': z.number(), 'a-b': z.boolean(), '*': z.null() });

    expect(Object.keys(document.channels)).toEqual(['a-b', 'a-b-2', 'a-b-3', 'each']);
  });

  it('is of valid definitions only', () => {
    expect(() => describeTopics({ 'a/*/b': z.string() })).toThrow(ConfigError);
  });
});
