import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import type { Json } from '../model.ts';

/** The intrinsic functions with a short form in YAML, such as `!Sub`. */
const FUNCTIONS = [
  'And',
  'Base64',
  'Cidr',
  'Equals',
  'FindInMap',
  'GetAtt',
  'GetAZs',
  'If',
  'ImportValue',
  'Join',
  'Not',
  'Or',
  'Select',
  'Split',
  'Sub',
  'Transform',
] as const;

/** The short forms whose long form has no `Fn::`. */
const BARE = ['Ref', 'Condition'] as const;

const TAGS: (Yaml.CollectionTag | Yaml.ScalarTag)[] = [
  ...FUNCTIONS.flatMap((name) => tagsOf(name, `Fn::${name}`)),
  ...BARE.flatMap((name) => tagsOf(name, name)),
];

/**
 * Parses a CloudFormation template in YAML or JSON. Short forms of intrinsic functions become their long forms. Of two
 * values of one key the last one counts, as in SAM.
 */
export function parseYamlTemplate(text: string): Json {
  // Loaded for templates alone: an assembly of CDK has none, and is to start as soon as before.
  const yaml: typeof Yaml = createRequire(import.meta.url)('yaml');
  const template: Json = yaml.parse(text, { customTags: TAGS, merge: true, uniqueKeys: false });
  return template;
}

function tagsOf(name: string, long: string): (Yaml.CollectionTag | Yaml.ScalarTag)[] {
  const tag = `!${name}`;
  const scalar: Yaml.ScalarTag = { tag, resolve: (value) => ({ [long]: value }) };
  const collection = (kind: 'seq' | 'map'): Yaml.CollectionTag => ({
    tag,
    collection: kind,
    resolve: (value) => ({ [long]: value.toJSON() }),
  });
  return [scalar, collection('seq'), collection('map')];
}
