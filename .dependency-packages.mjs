import { AWS_SDK, GROUND, LAMBDA_TYPES, may, NODE, npm, RUNTIME_DOORS } from './.dependency-rooms.mjs';

/** The rules of the packages beside the client, of the command line, and of the room that builds them. */
export const PACKAGE_RULES = [
  may('react-imports-react-and-the-client', {
    room: '^react/src/',
    doors: ['^client/src/index\\.ts$', npm('react', '@types/react')],
    instead: 'The hooks are an ordinary user of the client library: import @distributary/client.',
  }),
  may('server-imports-shared-parts', {
    room: '^server/src/',
    doors: [
      '^shared/(config|errors)\\.ts$',
      '^shared/(protocol|auth|publish|store|topics)/',
      '^shared/handshake/(find-token|shared-secret)\\.ts$',
      npm('jose', '@aws-sdk/client-dynamodb'),
      ...NODE,
    ],
    instead: 'A back end publishes by shared/publish, and no other way: a route and a back end make the same write.',
  }),
  may('publish-imports-store-and-topics', {
    room: '^shared/publish/',
    doors: [GROUND, '^shared/(protocol|store|topics)/'],
    instead: 'The one way to publish knows the store and the definitions of topics: hand in what else it needs.',
  }),
  may('topics-import-patterns-and-protocol', {
    room: '^shared/topics/',
    doors: [GROUND, '^shared/protocol/', '^shared/auth/topic-pattern\\.ts$'],
    instead: 'Definitions and settings of topics are pure: a route and a back end hand in what they know.',
  }),
  may('cli-imports-shared-and-client', {
    room: '^cli/',
    doors: ['^shared/', '^(client|server)/src/index\\.ts$', RUNTIME_DOORS, AWS_SDK, LAMBDA_TYPES, ...NODE],
    instead: 'Operators’ commands use what the handlers use (shared/) and what users use (client/, server/).',
  }),
  {
    name: 'cli-reads-no-dynamodb-itself',
    comment: 'Operators’ commands read and write tables through shared/store/: add a function there.',
    severity: 'error',
    from: { path: '^cli/', pathNot: '^cli/backend\\.ts$' },
    to: { path: npm('@aws-sdk/client-dynamodb', '@aws-sdk/util-dynamodb') },
  },
  may('packaging-imports-build-tools-alone', {
    room: '^packaging/',
    doors: [
      npm('esbuild', '@microsoft/api-extractor', 'playwright-core'),
      '^infra/(bundle-handlers|functions|http-door|topics-from)\\.ts$',
      ...NODE,
    ],
    instead: 'The build reads sources as files: name a module by its path in packaging/packages.ts.',
  }),
];
