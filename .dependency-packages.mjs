import { may, NODE, npm } from './.dependency-rooms.mjs';

/** The rules of the packages beside the client, and of the room that builds them. */
export const PACKAGE_RULES = [
  may('packaging-imports-build-tools-alone', {
    room: '^packaging/',
    doors: [npm('esbuild', '@microsoft/api-extractor'), ...NODE],
    instead: 'The build reads sources as files: name a module by its path in packaging/packages.ts.',
  }),
];
