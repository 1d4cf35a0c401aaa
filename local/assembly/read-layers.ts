import { type Fields, listTexts, refuseOthers, unsupported, at } from './fields.ts';
import { type CodePlaces, findCode } from './find-code.ts';
import type { ResolvedTemplate } from './resolve-template.ts';

const LAYER_PROPERTIES = [
  'CompatibleArchitectures',
  'CompatibleRuntimes',
  'Content',
  'Description',
  'LayerName',
  'LicenseInfo',
];

/** The directories of the layers of a template, by their ARNs. */
export type Layers = ReadonlyMap<string, string>;

/** Returns the layers of the template. */
export function readLayers(template: ResolvedTemplate, places: CodePlaces): Layers {
  const layers = template.readEach('AWS::Lambda::LayerVersion', ({ identity, properties }) => {
    refuseOthers(properties, LAYER_PROPERTIES);
    return [identity.ref, findCode(properties, places, 'Content')] as const;
  });
  return new Map(layers);
}

/** Returns the directories of a function's layers, the last one first. Throws for one that is not in the template. */
export function layersOf(properties: Fields, layers: Layers): readonly string[] {
  const directories = listTexts(properties, 'Layers').map((arn, index) => {
    const directory = layers.get(arn);
    if (directory === undefined)
      throw unsupported(
        `${at(properties, 'Layers')}[${index}]`,
        `a layer of another template (${arn}) is not supported`,
      );
    return directory;
  });
  return directories.toReversed();
}
