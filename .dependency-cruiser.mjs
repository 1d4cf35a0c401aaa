import { HTTP_RULES } from './.dependency-http.mjs';
import { LOCAL_RULES } from './.dependency-local.mjs';
import { PACKAGE_RULES } from './.dependency-packages.mjs';
import { DOOR_RULES } from './.dependency-doors.mjs';
import { TABLE_RULES } from './.dependency-tables.mjs';
import {
  LAMBDAS,
  COMPOSITION_ROOT,
  GROUND,
  PORT,
  HTTP,
  FANOUT_ROOMS,
  NODE,
  npm,
  AWS_SDK,
  LAMBDA_TYPES,
  CLIENT_LAMBDA,
  POWERTOOLS,
  FANOUT_DOORS,
  may,
  never,
} from './.dependency-rooms.mjs';

/**
 * Who may import whom. Each room lists what it may import (`may`): everything else is refused, whatever it is. Doors that
 * must stay shut even by way of others are `never` rules, which follow imports to the end. test/architecture.test.ts plants
 * a violation of each rule and proves that it is caught.
 */

export default {
  forbidden: [
    {
      name: 'every-import-leads-somewhere',
      comment: 'A rule cannot judge an import that does not resolve: correct the path, or install the package.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-circles',
      comment: 'Two files that import each other, types included, are one: move what both need to a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    may('protocol-imports-zod-alone', {
      room: '^shared/protocol/',
      doors: ['^shared/errors\\.ts$', npm('zod')],
      instead: 'The wire is read by browsers too: move what needs more to shared/store, shared/fanout or handlers/.',
    }),
    never('protocol-reaches-no-node', {
      from: '^shared/protocol/',
      to: [...NODE, AWS_SDK, '^shared/(store|fanout|post)/', '^(handlers|infra|local|client|web|examples|docs)/'],
      instead: 'Something that the protocol imports is not fit for a browser: import the part that is, or move it.',
    }),
    may('ground-imports-protocol-alone', {
      room: GROUND,
      doors: ['^shared/protocol/', POWERTOOLS, '^(node:)?timers/promises$'],
      instead: 'Errors, configuration and logging come before everything else: hand in what they need as an argument.',
    }),
    never('ground-reaches-no-store', {
      from: GROUND,
      to: '^shared/(store|fanout|post)/',
      instead: 'The store and the fan-out are built on this file, not the other way round.',
    }),
    may('store-imports-dynamodb-alone', {
      room: '^shared/store/',
      doors: [
        GROUND,
        HTTP,
        '^shared/protocol/',
        npm('@aws-sdk/client-dynamodb', '@aws-sdk/util-dynamodb'),
        '^(node:)?crypto$',
      ],
      instead: 'The store knows the protocol and DynamoDB: hand in anything else as part of its `deps`.',
    }),
    never('store-reaches-no-fanout', {
      from: '^shared/store/',
      to: ['^shared/(fanout|post)/', '^handlers/'],
      instead: 'The fan-out reads the store: return a value, and let shared/fanout do the rest.',
    }),
    ...DOOR_RULES,
    ...TABLE_RULES,
    ...HTTP_RULES,
    may('fanout-imports-store-alone', {
      room: '^shared/fanout/',
      except: '^shared/fanout/shards/lambda-shard-worker\\.ts$',
      doors: [GROUND, PORT, '^shared/(protocol|store)/', LAMBDA_TYPES, npm('@aws-sdk/client-dynamodb')],
      instead: 'Post by the `Post` that is handed in; only shared/post knows what is behind it.',
    }),
    ...Object.entries(FANOUT_ROOMS).map(([room, below]) =>
      may(`fanout-${room}-keeps-to-its-room`, {
        room: `^shared/fanout/${room}/`,
        doors: [...FANOUT_DOORS, ...below.map((each) => `^shared/fanout/${each}/`)],
        instead: 'Each stream Lambda has a room, and deliver/ is the floor: move what two of them need down there.',
      }),
    ),
    may('shard-worker-imports-lambda-alone', {
      room: '^shared/fanout/shards/lambda-shard-worker\\.ts$',
      doors: [GROUND, PORT, '^shared/(protocol|fanout)/', CLIENT_LAMBDA],
      instead: 'This file turns a task into a call of the SDK and nothing more.',
    }),
    {
      name: 'fanout-reads-no-dynamodb-itself',
      comment: 'Only the types of items may come from the SDK here: read and write in shared/store.',
      severity: 'error',
      from: { path: '^shared/fanout/' },
      to: { path: npm('@aws-sdk/client-dynamodb'), dependencyTypesNot: ['type-only'] },
    },
    never('fanout-reaches-no-handler', {
      from: '^shared/fanout/',
      to: '^handlers/',
      instead: 'A handler calls the fan-out: hand in what it should call as part of `deps`.',
    }),
    may('handlers-import-shared-alone', {
      room: '^handlers/',
      except: COMPOSITION_ROOT,
      doors: ['^shared/', POWERTOOLS, npm('@middy/[^/]+', 'zod'), LAMBDA_TYPES, '^(node:)?stream$'],
      instead:
        'A Lambda gets its AWS clients from handlers/open-stores.ts or handlers/open-fanout.ts; the rest is in shared/.',
    }),
    may('composition-root-imports-shared-and-sdk', {
      room: COMPOSITION_ROOT,
      doors: ['^handlers/', '^shared/', AWS_SDK, POWERTOOLS, npm('@middy/[^/]+'), LAMBDA_TYPES, '^(node:)?crypto$'],
      instead: 'The composition root creates AWS clients and stores from the environment, and nothing else.',
    }),
    never('lambdas-know-no-other', {
      from: '^handlers/',
      to: LAMBDAS,
      instead: 'Two Lambdas never share by importing each other: move what both need to a file of its own.',
    }),
    never('handlers-reach-no-deployment', {
      from: '^handlers/',
      to: ['^(infra|local|client|web|cli|examples)/', npm('aws-cdk-lib', 'constructs', 'ws')],
      instead: 'What runs in the cloud knows neither how it is deployed nor the local runtime: read the environment.',
    }),
    may('infra-imports-cdk-and-names', {
      room: '^infra/',
      doors: [
        npm('aws-cdk-lib', 'constructs', 'cdk-nag', 'esbuild'),
        '^shared/(config|auth/auth-settings|rates/rate-limits|store/schema|protocol/limits)\\.ts$',
        '^shared/from-table/(table-source|conditions|filter-patterns|kept-record)\\.ts$',
        '^shared/topics/topic-settings\\.ts$',
        ...NODE,
      ],
      instead: 'infra/ names a handler by its file and shares the names of tables and variables, and no code.',
    }),
    never('infra-reaches-no-handler', {
      from: '^infra/',
      to: '^(handlers|client|local|web|cli|examples)/',
      instead: 'The CDK app bundles handlers by their path; importing one would run it at synthesis.',
    }),
    may('client-imports-nothing', {
      room: '^client/src/',
      doors: ['^shared/protocol/', '^shared/topics/(topic-types|standard-schema|define-topics)\\.ts$'],
      instead: 'The client has no dependency, not even Node: use what browsers and Node both have, or write it.',
    }),
    {
      name: 'client-shares-types-alone',
      comment: 'Write `import type`: code of shared/protocol would bring zod to every browser.',
      severity: 'error',
      from: { path: '^client/src/' },
      to: { path: '^shared/protocol/', dependencyTypesNot: ['type-only'] },
    },
    ...LOCAL_RULES,
    may('web-imports-client-alone', {
      room: '^web/',
      doors: ['^client/src/index\\.ts$'],
      instead: 'The page is an ordinary user of the client library: import client/src/index.ts.',
    }),
    may('examples-import-client-alone', {
      room: '^examples/',
      doors: ['^client/src/index\\.ts$', ...NODE],
      instead: 'An example shows what a user writes: import client/src/index.ts.',
    }),
    may('docs-import-protocol-alone', {
      room: '^docs/',
      doors: ['^shared/protocol/', npm('yaml'), ...NODE],
      instead: 'Documents are generated from the protocol alone.',
    }),
    {
      name: 'nobody-imports-tests',
      comment: 'Move what is of use beyond the tests to where it belongs.',
      severity: 'error',
      from: { pathNot: ['^test/', '^bench/'] },
      to: { path: '^test/' },
    },
    ...PACKAGE_RULES,
    may('bench-imports-what-it-measures', {
      room: '^bench/',
      doors: [
        '^(shared|handlers|local)/',
        '^client/src/index\\.ts$',
        npm(
          'ws',
          '@types/ws',
          'undici',
          'esbuild',
          'socket\\.io',
          'socket\\.io-client',
          'aedes',
          'mqtt',
          '@durable-streams/server',
        ),
        AWS_SDK,
        ...NODE,
      ],
      instead:
        'A benchmark that leans on test helpers measures them too; the CDK app is run, by local/assembly, not imported.',
    }),
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(cdk\\.out|\\.distributary)/|^(dist|cli/template)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
    progress: { type: 'none' },
  },
};
