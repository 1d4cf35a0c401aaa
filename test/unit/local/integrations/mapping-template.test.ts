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
});
