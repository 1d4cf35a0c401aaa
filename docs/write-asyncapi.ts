import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { asyncApiDocument } from '../shared/protocol/asyncapi.ts';

const HEADER = '# Written by `npm run docs` from the schemas in shared/protocol. Do not edit.\n';

/** The style of the YAML: repeated parts are written out, since aliases read badly; what reads as a date is quoted. */
const STYLE = { lineWidth: 120, aliasDuplicateObjects: false, compat: 'yaml-1.1' } as const;

const [path = join(import.meta.dirname, 'asyncapi.yaml')] = process.argv.slice(2);
writeFileSync(path, HEADER + stringify(asyncApiDocument(), STYLE));
