import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { bundleHandlers } from './bundle-handlers.ts';
import { DistributaryStack } from './distributary-stack.ts';
import { AUTHORIZE_HANDLER, HANDLERS } from './functions.ts';
import { STREAM_HANDLER } from './http-door.ts';
import { readSettings } from './settings.ts';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
const settings = readSettings(app.node);
const handlers = [
  ...Object.values(HANDLERS),
  ...(settings.auth === undefined ? [] : [AUTHORIZE_HANDLER]),
  ...(settings.http === undefined ? [] : [STREAM_HANDLER]),
];
const bundles = await bundleHandlers(handlers, settings.poster);
try {
  new DistributaryStack(app, settings.stackName, {
    description: 'Shared counters and topics over one WebSocket.',
    bundles,
    ...settings,
  });
  app.synth();
} finally {
  await bundles.remove();
}
