import { renderTemplate } from '../../../../local/integrations/mapping-template.ts';

const REQUEST = {
  body: `{"action":"x","items":[{"b c":"it's"}]}`,
  context: { connectionId: 'abc=', requestTimeEpoch: 1_700_000_000_000, identity: { sourceIp: '1.2.3.4' } },
  headers: { Host: 'h' },
  query: { q: '1' },
  stageVariables: { town: 'Ulm' },
};

describe('a mapping template', () => {
  it.each([
    [`$input.json('$.items[0]')`, `{"b c":"it's"}`],
    [`$input.json("$.items[0]['b c']")`, `"it's"`],
    [`$input.path('$.action') $input.path('$.none.deeper')`, 'x '],
    [`$input.params('q') $input.params('Host') $input.params().get('header')`, '1 h {Host=h}'],
    ['$context.identity.sourceIp $stageVariables.town', '1.2.3.4 Ulm'],
    ['[$context.authorizer.name] [${context.nothing}]', '[] []'],
    ['#set($end = $context.requestTimeEpoch + 1)$end', '1700000000001'],
    [
      `$util.urlEncode("a b&c") $util.urlDecode('a+b') $util.base64Decode($util.base64Encode('tea'))`,
      'a+b%26c a b tea',
    ],
    [`$util.escapeJavaScript($input.body)`, String.raw`{\"action\":\"x\",\"items\":[{\"b c\":\"it\'s\"}]}`],
    [`$util.parseJson('{"a":{"b":7}}').a.b`, '7'],
    [`#set($text = 'a.b')$text.replaceAll('.', '-') $text.replace('.', '-') $text.length()`, '--- a-b 3'],
    [`#if($input.path('$.action').equals('x') && !$context.connectionId.isEmpty())yes#{else}no#end`, 'yes'],
    [`#foreach($item in $input.path('$.items'))$item.get('b c')#end`, `it's`],
  ])('%s is %s', (template, text) => {
    expect(renderTemplate(template, REQUEST)).toBe(text);
  });

  it('does not reach a prototype by a path, and takes names and indexes only', () => {
    expect(renderTemplate(`[$input.path('$.constructor.name')]`, REQUEST)).toBe('[]');
    expect(() => renderTemplate(`$input.json('$..action')`, REQUEST)).toThrow('not supported: ..action');
  });

  it.each([
    [`$input.body.matches('(x+x+)+y')`, 'x'.repeat(60), 'over 1000 ms'],
    [`#foreach($i in [1..$input.path('$.n')])#end`, '{"n":1000000000}', 'over 1000 elements'],
    [
      `#foreach($i in $input.path('$'))#end`,
      JSON.stringify(Array.from({ length: 1001 }, () => 0)),
      'over 1000 iterations',
    ],
  ])('%s ends by itself', (template, body, reason) => {
    expect(() => renderTemplate(template, { ...REQUEST, body })).toThrow(reason);
  });

  it('takes as many iterations as API Gateway does', () => {
    expect(renderTemplate('#foreach($i in [1..1000])x#end', REQUEST)).toHaveLength(1_000);
  });

  it('changes nothing that the next one sees', () => {
    renderTemplate(
      `#set($stageVariables.town = 'Bonn')#set($context.identity.sourceIp = 'x')$util.urlEncode('a')`,
      REQUEST,
    );

    expect(renderTemplate(`$stageVariables.town $context.identity.sourceIp $!util.eval`, REQUEST)).toBe('Ulm 1.2.3.4 ');
  });

  it.each([
    [`$input.json('$.id') $input.path('$.id') $input.json('$')`, '9007199254740993 9007199254740993 BODY'],
    [`#set($id = $input.path('$.id'))$id $input.path('$')`, '9007199254740993 {id=9007199254740993, price=1.1}'],
    [`$util.parseJson($input.body).id`, '9007199254740993'],
    [`#set($next = $input.path('$.price') + 1)$next #if($input.path('$.id') > 5)more#end`, '2.1 more'],
  ])('%s keeps the digits of numbers', (template, text) => {
    const body = '{"id":9007199254740993,"price":1.10}';

    expect(renderTemplate(template, { ...REQUEST, body })).toBe(text.replace('BODY', body.replace('1.10', '1.1')));
  });

  it.each([
    ['#set($seconds = $context.requestTimeEpoch / 1000)$seconds', '1700000000'],
    ['#set($n = 7 / 2)$n #set($m = 7.5 / 2)$m', '3 3.75'],
    [`$util.urlDecode('a&b%20c+d')`, 'a&b c d'],
    [`$util.escapeJavaScript($input.path('$.items'))`, String.raw`[{b c=it\'s}]`],
    [
      `$input.path('$.items').isEmpty() $input.path('$.items[0]').isEmpty() $input.path('$.none').isEmpty()`,
      'false false true',
    ],
    [`#if(!$input.path('$.empty').isEmpty())some#{else}none#end`, 'none'],
    [
      `$input.path('$.list').contains(2) $input.path('$').containsKey('list') $input.path('$').containsKey('toString')`,
      'true true false',
    ],
    [`$input.path('$.text').split('[.]').size() $input.path('$.text').split('[.]')[1]`, '2 b'],
    [`[$input.params('constructor')]`, '[]'],
  ])('%s is as in Java: %s', (template, text) => {
    const body = JSON.stringify({ items: [{ 'b c': "it's" }], empty: [], list: [1, 2], text: 'a.b' });
    const context = { ...REQUEST.context, requestTimeEpoch: 1_700_000_000_999 };

    expect(renderTemplate(template, { ...REQUEST, body, context })).toBe(text);
  });
});
