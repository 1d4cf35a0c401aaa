import { may, NODE, npm } from './.dependency-rooms.mjs';

/** The rules of the packages beside the client, and of the room that builds them. */
export const PACKAGE_RULES = [
  may('react-imports-react-and-the-client', {
    room: '^react/src/',
    doors: ['^client/src/index\\.ts$', npm('react', '@types/react')],
    instead: 'The hooks are an ordinary user of the client library: import @distributary/client.',
  }),
  may('packaging-imports-build-tools-alone', {
    room: '^packaging/',
    doors: [
      npm('esbuild', '@microsoft/api-extractor'),
      '^infra/(bundle-handlers|functions|topics-from)\\.ts$',
      ...NODE,
    ],
    instead: 'The build reads sources as files: name a module by its path in packaging/packages.ts.',
  }),
];
