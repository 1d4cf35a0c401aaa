import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { DistributaryStack } from '../../infra/distributary-stack.ts';
import { readSettings } from '../../infra/settings.ts';
import type { PrintedStack, StackRequest } from './synthesized-stack.ts';

// Synthesizes the stacks of a request, and prints them as JSON. A separate process loads the CDK in a fraction of the time
// that jest takes for it.
const [text = ''] = process.argv.slice(2);
const { cliContext, contexts }: StackRequest = JSON.parse(text);
const directory = mkdtempSync(join(tmpdir(), 'distributary-template-'));
try {
  process.stdout.write(JSON.stringify(synthesize()));
} finally {
  rmSync(directory, { recursive: true });
}

/** Synthesizes the stacks as infra/app.ts does, with one empty bundle as the code of every function. */
function synthesize(): PrintedStack[] {
  const app = new App({ context: { ...cliContext }, outdir: join(directory, 'out') });
  const code = join(directory, 'code');
  mkdirSync(code);
  writeFileSync(join(code, 'index.mjs'), '');
  const bundles = { directoryOf: () => code, contentsOf: () => [], remove: () => Promise.resolve() };
  const stacks = contexts.map((context) => {
    const settings = readSettings(new App({ context: { ...context }, outdir: join(directory, 'settings') }).node);
    return new DistributaryStack(app, settings.stackName, { bundles, ...settings });
  });
  return stacks.map(print);
}

function print(stack: Stack): PrintedStack {
  const infos = Annotations.fromStack(stack).findInfo('*', Match.anyValue());
  return {
    stackName: stack.stackName,
    template: JSON.parse(JSON.stringify(Template.fromStack(stack).toJSON())),
    remarks: infos.map(({ entry }) => JSON.stringify(entry.data)),
  };
}
