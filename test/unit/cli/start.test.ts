import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pageQuery } from '../../../cli/start.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

const CLI = join(import.meta.dirname, '../../../cli/main.ts');

describe('distributary start', () => {
  let folder: ReturnType<typeof temporaryDirectory>;

  beforeEach(() => {
    folder = temporaryDirectory();
  });
  afterEach(() => folder.remove());

  const start = (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'start', '--port', '0', ...args], {
      cwd: folder.path,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };

  /** Writes an assembly of a stack with these outputs, and nothing else. */
  function writeAssembly(outputs: readonly string[]): string {
    const assembly = join(folder.path, 'cdk.out');
    mkdirSync(assembly);
    const Outputs = Object.fromEntries(outputs.map((name) => [name, { Value: name }]));
    writeFileSync(join(assembly, 'Shop.template.json'), JSON.stringify({ Resources: {}, Outputs }));
    return assembly;
  }

  it('says in one line that there is no app in this folder, and what to do', () => {
    expect(start()).toEqual({
      status: 1,
      stdout: '',
      stderr: `There is no cdk.json in ${folder.path}: go to the folder of a CDK app, or name a synthesized one by --assembly cdk.out\n`,
    });
  });

  it('says in one line that no stack has the construct, and how to add it', () => {
    const assembly = writeAssembly(['SiteUrl', 'WebSocketUrl']);

    expect(start('--assembly', assembly)).toEqual({
      status: 1,
      stdout: '',
      stderr: `No stack in ${assembly} has a Distributary. Add one: \`new Distributary(stack, 'Live')\`, from the package @distributary/cdk.\n`,
    });
  });

  it('hands a stack with the construct to the runtime', () => {
    const assembly = writeAssembly(['LiveWebSocketUrl', 'LiveTopicsTable']);

    // The runtime finds that an assembly without a manifest was not written by the CDK.
    expect(start('--assembly', assembly).stderr).toMatch(/manifest\.json cannot be read as part of a cloud assembly/);
  });

  it('tells the page where the stage is when it has another name than the page looks for', () => {
    expect(pageQuery('ws://127.0.0.1:4000/live')).toBe('');
    expect(pageQuery('ws://127.0.0.1:4000/chat')).toBe('?url=ws%3A%2F%2F127.0.0.1%3A4000%2Fchat');
  });

  it.each([
    ['start', '--help'],
    ['help', 'start'],
  ])('explains its options by %s %s', (...args) => {
    const { status, stdout } = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' });

    expect(status).toBe(0);
    expect(stdout).toMatch(/distributary start \[options\]\n[^]*--page DIR .*\n +\(default: a page/);
  });
});
