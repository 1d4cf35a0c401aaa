import { fillTemplate, parseTemplate } from '../../../../shared/from-table/topic-template.ts';

const fill = (template: string, item: Parameters<typeof fillTemplate>[1]) =>
  fillTemplate(parseTemplate(template), item);

describe('a topic template', () => {
  it('takes texts and numbers of the item, as DynamoDB writes them', () => {
    const item = { customer: { S: 'c-1' }, year: { N: '2026' } };

    expect(fill('order:{customer}/{year}', item)).toEqual({ topic: 'order:c-1/2026' });
  });

  it('may name no attribute: all items have one topic', () => {
    expect(fill('orders', {})).toEqual({ topic: 'orders' });
  });

  it.each([
    [{}],
    [{ customer: { S: '' } }],
    [{ customer: { BOOL: true } }],
    [{ customer: { L: [] } }],
    [{ customer: { NULL: true } }],
  ])('has no topic for %j', (item) => {
    expect(fill('order:{customer}', item)).toEqual({ fault: 'the attribute customer has no value' });
  });

  it.each(['a/b', 'a:b', 'a b', 'ü', 'CUSTOMER#1'])('takes %s for no segment: it would be another topic', (value) => {
    const fault = 'customer is not one segment of a topic';

    expect(fill('order:{customer}', { customer: { S: value } })).toEqual({ fault });
  });

  it('lets a value be several segments where it says so', () => {
    expect(fill('file:{+path}', { path: { S: 'a/b:c' } })).toEqual({ topic: 'file:a/b:c' });
  });

  it.each(['a/', 'a b'])('refuses the topic of %s even there', (path) => {
    expect(fill('file:{+path}', { path: { S: path } })).toEqual({ fault: 'the topic’s name is invalid' });
  });

  it('refuses a name that is too long', () => {
    const customer = { S: 'c'.repeat(123) };

    expect(fill('order:{customer}', { customer })).toEqual({ fault: 'the topic’s name is invalid' });
  });

  it('refuses a counter’s topic that comes from a value', () => {
    const fault = 'the topic is a counter’s';

    expect(fill('{+name}', { name: { S: 'counter:votes' } })).toEqual({ fault });
    expect(fill('{kind}:{name}', { kind: { S: 'counter' }, name: { S: 'votes' } })).toEqual({ fault });
  });

  it.each(['', 'order {id}', '{}', 'order:{id', '/{id}', 'order:{id}/', 'x'.repeat(129)])(
    'is refused at synthesis: %s',
    (template) => {
      expect(() => parseTemplate(template)).toThrow('is not a template of topics');
    },
  );

  it('is refused at synthesis for a counter', () => {
    expect(() => parseTemplate('counter:{id}')).toThrow('names a counter');
  });
});
