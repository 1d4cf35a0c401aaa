import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { synthesize } from '../../../../local/assembly/synthesize.ts';
import type { Terminal } from '../../../../local/model.ts';
import { temporaryDirectory } from '../../../helpers/temporary-directory.ts';

/** The code of an app that writes its environment to a file. */
const RECORDING_APP = `
  import { writeFileSync } from 'node:fs';
  console.error('a warning of no interest');
  const { CDK_OUTDIR, CDK_CONTEXT_JSON, PATH } = process.env;
  writeFileSync(CDK_OUTDIR + '/seen.json', JSON.stringify({ context: JSON.parse(CDK_CONTEXT_JSON), path: PATH }));
`;

describe('synthesize', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let warnings: string[];
  let terminal: Terminal;

  beforeEach(() => {
    directory = temporaryDirectory();
    warnings = [];
    terminal = { info: () => {}, warn: (message) => warnings.push(message), lambdaLog: () => {} };
  });

  afterEach(() => {
    directory.remove();
  });

  function writeApp(source: string): { readonly cdkJson: string; readonly outputDirectory: string } {
    writeFileSync(join(directory.path, 'app.mjs'), source);
    const cdkJson = join(directory.path, 'cdk.json');
    writeFileSync(cdkJson, JSON.stringify({ app: `"${process.execPath}" app.mjs`, context: { flag: true } }));
    return { cdkJson, outputDirectory: join(directory.path, 'out') };
  }

  it('runs the app with the context, the output directory and its own commands first', async () => {
    const options = writeApp(RECORDING_APP);
    writeFileSync(join(directory.path, 'cdk.context.json'), JSON.stringify({ lookedUp: 1 }));

    await synthesize(options, { terminal });

    const seen: { context: unknown; path: string } = JSON.parse(
      readFileSync(join(options.outputDirectory, 'seen.json'), 'utf8'),
    );
    expect(seen.context).toEqual({ flag: true, lookedUp: 1 });
    expect(seen.path.startsWith(join(directory.path, 'node_modules', '.bin'))).toBe(true);
    expect(warnings).toEqual([]);
  });

  it('gives the app further context values, over those of cdk.json', async () => {
    const options = writeApp(RECORDING_APP);
    const auth = { issuer: 'http://127.0.0.1:4000/_runtime', audience: 'a' };

    await synthesize({ ...options, context: { auth, flag: false } }, { terminal });

    const seen: { context: unknown } = JSON.parse(readFileSync(join(options.outputDirectory, 'seen.json'), 'utf8'));
    expect(seen.context).toEqual({ auth, flag: false });
  });

  it('shows what the app said, and fails, when the app fails', async () => {
    const options = writeApp(`console.error('no such construct'); process.exitCode = 3;`);

    const synthesis = synthesize(options, { terminal });

    await expect(synthesis).rejects.toMatchObject({
      name: 'RuntimeSetupError',
      message: expect.stringContaining('ended with 3'),
    });
    expect(warnings).toEqual(['no such construct']);
  });

  it('says so when there is no cdk.json', async () => {
    mkdirSync(join(directory.path, 'empty'));
    const cdkJson = join(directory.path, 'empty', 'cdk.json');

    const synthesis = synthesize({ cdkJson, outputDirectory: directory.path }, { terminal });

    await expect(synthesis).rejects.toThrow(/cannot be read as the configuration of a CDK app/);
  });
});
