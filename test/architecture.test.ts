import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { PACKAGE_PLANTS, type Plant } from './helpers/package-plants.ts';

interface Cruise {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly environment?: { readonly issues?: readonly unknown[] };
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
    }[];
    readonly ruleSetUsed: {
      readonly forbidden: readonly { readonly name: string; readonly severity: string; readonly comment?: string }[];
    };
  };
}

const ROOT = resolve(import.meta.dirname, '..');
const CRUISER = join(ROOT, 'node_modules/.bin/depcruise');
const CONFIG = '.dependency-cruiser.mjs';

/** The folders that `npm run deps` looks at. */
function folders(): readonly string[] {
  const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  );
  return (scripts['deps'] ?? '').split(' ').slice(1);
}

function cruise(directory: string, among: readonly string[]): Cruise {
  const { stdout, stderr, error } = spawnSync(
    process.execPath,
    [CRUISER, ...among, '--config', CONFIG, '--output-type', 'json'],
    { cwd: directory, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  if (error !== undefined) throw error;
  if (stdout === '') throw new Error(stderr);
  const result: Cruise = JSON.parse(stdout);
  return result;
}

const DYNAMODB = '@aws-sdk/client-dynamodb';

/** Planted imports: at least one violation of every rule. */
const PLANTS: readonly Plant[] = [
  { rule: 'every-import-leads-somewhere', file: 'infra', imports: './nowhere.ts' },
  // The other way, there is an `import type` already.
  { rule: 'no-circles', file: 'cli/cost/hourly-cost.ts', imports: 'cli/cost/rates-of-topics.ts' },
  { rule: 'protocol-imports-zod-alone', file: 'shared/protocol', imports: 'shared/store/schema.ts' },
  { rule: 'protocol-imports-zod-alone', file: 'shared/protocol', imports: 'yaml' },
  { rule: 'protocol-reaches-no-node', file: 'shared/protocol', imports: 'node:fs', to: 'fs', by: 'shared' },
  { rule: 'ground-imports-protocol-alone', file: 'shared/errors.ts', imports: 'node:http', to: 'http' },
  {
    rule: 'ground-reaches-no-store',
    file: 'shared/config.ts',
    imports: 'shared/store/schema.ts',
    by: 'shared/protocol',
  },
  { rule: 'store-imports-dynamodb-alone', file: 'shared/store', imports: '@aws-sdk/client-s3' },
  { rule: 'store-reaches-no-fanout', file: 'shared/store', imports: 'shared/fanout/stream-records.ts', by: 'shared' },
  { rule: 'fanout-imports-store-alone', file: 'shared/fanout', imports: '@aws-sdk/client-apigatewaymanagementapi' },
  { rule: 'fanout-imports-store-alone', file: 'shared/fanout/deliver', imports: 'shared/post/fast-post.ts' },
  { rule: 'auth-imports-protocol-alone', file: 'shared/auth', imports: 'node:crypto', to: 'crypto' },
  { rule: 'auth-imports-protocol-alone', file: 'shared/auth', imports: 'shared/store/schema.ts' },
  { rule: 'handshake-imports-auth-and-jose', file: 'shared/handshake', imports: 'shared/store/schema.ts' },
  { rule: 'handshake-imports-auth-and-jose', file: 'shared/handshake', imports: 'shared/http/connect.ts' },
  { rule: 'http-door-imports-store-alone', file: 'shared/http-door', imports: 'shared/auth/permissions.ts' },
  { rule: 'http-frames-import-the-way-of-recovery', file: 'shared/http-frames', imports: 'handlers/gate.ts' },
  { rule: 'rates-import-protocol-alone', file: 'shared/rates', imports: 'shared/store/schema.ts' },
  { rule: 'from-table-imports-store-alone', file: 'shared/from-table', imports: 'shared/fanout/stream-records.ts' },
  { rule: 'from-table-writes-no-dynamodb-itself', file: 'shared/from-table', imports: DYNAMODB },
  { rule: 'http-imports-sockets-alone', file: 'shared/http', imports: 'shared/store/schema.ts' },
  { rule: 'post-imports-http-alone', file: 'shared/post/fast-post.ts', imports: 'shared/store/schema.ts' },
  { rule: 'sdk-post-imports-the-official-client', file: 'shared/post/sdk-post.ts', imports: 'shared/post/sigv4.ts' },
  {
    rule: 'fanout-deliver-keeps-to-its-room',
    file: 'shared/fanout/deliver',
    imports: 'shared/fanout/broadcast/conflate.ts',
  },
  {
    rule: 'fanout-shards-keeps-to-its-room',
    file: 'shared/fanout/shards',
    imports: 'shared/fanout/broadcast/conflate.ts',
  },
  {
    rule: 'fanout-broadcast-keeps-to-its-room',
    file: 'shared/fanout/broadcast',
    imports: 'shared/fanout/catch-up/recover.ts',
  },
  {
    rule: 'fanout-catch-up-keeps-to-its-room',
    file: 'shared/fanout/catch-up',
    imports: 'shared/fanout/shards/shard-task.ts',
  },
  {
    rule: 'fanout-presence-keeps-to-its-room',
    file: 'shared/fanout/presence',
    imports: 'shared/fanout/broadcast/conflate.ts',
  },
  {
    rule: 'shard-worker-imports-lambda-alone',
    file: 'shared/fanout/shards/lambda-shard-worker.ts',
    imports: 'shared/store/schema.ts',
  },
  { rule: 'fanout-reads-no-dynamodb-itself', file: 'shared/fanout', imports: DYNAMODB },
  { rule: 'fanout-reaches-no-handler', file: 'shared/fanout', imports: 'handlers/gate.ts', by: 'shared' },
  { rule: 'handlers-import-shared-alone', file: 'handlers', imports: DYNAMODB },
  { rule: 'composition-root-imports-shared-and-sdk', file: 'handlers/open-stores.ts', imports: 'yaml' },
  { rule: 'lambdas-know-no-other', file: 'handlers', imports: 'handlers/plus.ts', by: 'shared' },
  { rule: 'handlers-reach-no-deployment', file: 'handlers', imports: 'aws-cdk-lib', by: 'shared' },
  { rule: 'handlers-reach-no-deployment', file: 'handlers', imports: 'ws', by: 'shared' },
  { rule: 'handlers-reach-no-deployment', file: 'handlers', imports: 'local/model.ts', by: 'shared' },
  { rule: 'infra-imports-cdk-and-names', file: 'infra', imports: 'shared/store/head.ts' },
  { rule: 'infra-reaches-no-handler', file: 'infra', imports: 'handlers/gate.ts', by: 'shared' },
  { rule: 'client-imports-nothing', file: 'client/src', imports: 'ws' },
  { rule: 'client-imports-nothing', file: 'client/src', imports: 'node:events', to: 'events' },
  { rule: 'client-shares-types-alone', file: 'client/src', imports: 'shared/protocol/limits.ts' },
  { rule: 'local-knows-no-application', file: 'local', imports: 'shared/store/schema.ts' },
  { rule: 'local-knows-no-application', file: 'local/gateway', imports: 'infra/settings.ts' },
  { rule: 'local-faults-know-rights-alone', file: 'local/faults', imports: 'local/gateway/http.ts' },
  { rule: 'local-iam-judges-alone', file: 'local/iam', imports: 'local/gateway/http.ts' },
  { rule: 'cli-imports-shared-and-client', file: 'cli', imports: 'handlers/gate.ts' },
  { rule: 'cli-imports-shared-and-client', file: 'cli', imports: 'server/src/publisher.ts' },
  { rule: 'cli-reads-no-dynamodb-itself', file: 'cli/commands', imports: DYNAMODB },
  { rule: 'cli-reads-no-dynamodb-itself', file: 'cli', imports: '@aws-sdk/util-dynamodb' },
  { rule: 'web-imports-client-alone', file: 'web', imports: 'shared/protocol/limits.ts' },
  { rule: 'web-imports-client-alone', file: 'web', imports: 'client/src/backoff.ts' },
  { rule: 'examples-import-client-alone', file: 'examples', imports: 'ws' },
  { rule: 'docs-import-protocol-alone', file: 'docs', imports: 'infra/settings.ts' },
  { rule: 'nobody-imports-tests', file: 'local', imports: 'test/helpers/eventually.ts' },
  { rule: 'bench-imports-what-it-measures', file: 'bench', imports: 'test/helpers/eventually.ts' },
  { rule: 'bench-imports-what-it-measures', file: 'bench/load', imports: 'infra/settings.ts' },
  ...PACKAGE_PLANTS,
];

/** Rules that are about code alone; of all others, `import type` is a violation too. */
const CODE_ONLY = new Set([
  'client-shares-types-alone',
  'fanout-reads-no-dynamodb-itself',
  'from-table-writes-no-dynamodb-itself',
]);

interface Planted {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

/** Writes the violation into a copy of the tree, and says what should be found. */
function plant(directory: string, { rule, file, imports, to, by }: Plant, name: string): Planted {
  const from = file.endsWith('.ts') ? file : `${file}/${name}.ts`;
  const step = by === undefined ? undefined : `${by}/${name}-step.ts`;
  const statement = (target: string) => {
    const keyword = name.endsWith('type') ? 'import type * as planted' : 'import * as planted';
    const isOurs = target.endsWith('.ts') && !target.startsWith('.');
    return `${keyword}${name.replaceAll('-', '')} from '${isOurs ? join(directory, target) : target}';\n`;
  };
  append(join(directory, from), statement(step ?? imports));
  if (step !== undefined) append(join(directory, step), statement(imports));
  return { rule, from, to: to ?? imports };
}

function append(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { flag: 'a' });
}

/** A copy of the sources with every violation in it. */
function plantAll(directory: string): readonly Planted[] {
  for (const name of [
    ...folders(),
    CONFIG,
    ...globSync('.dependency-*.mjs', { cwd: ROOT }),
    'package.json',
    'tsconfig.json',
  ].filter((name) => existsSync(join(ROOT, name)))) {
    cpSync(join(ROOT, name), join(directory, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  return PLANTS.flatMap((planted, index) =>
    CODE_ONLY.has(planted.rule)
      ? [plant(directory, planted, `planted-${index}`)]
      : [plant(directory, planted, `planted-${index}`), plant(directory, planted, `planted-${index}-type`)],
  );
}

describe('the import table', () => {
  const cruised = cruise(ROOT, folders());

  it('is kept', () => {
    expect(cruised.summary.violations).toEqual([]);
  });

  it('is checked on every TypeScript file there is, without a complaint about the tools', () => {
    const files = globSync('**/*.ts', {
      cwd: ROOT,
      // The template is the app of others, which imports packages that are not installed here.
      exclude: (name) =>
        ['node_modules', 'cdk.out', 'coverage', 'dist', 'template'].includes(name) || /^\.[a-z]/.test(name),
    });
    const seen = new Set(cruised.modules.map(({ source }) => source));

    expect(files.length).toBeGreaterThan(200);
    expect(files.filter((file) => !seen.has(file))).toEqual([]);
    expect(cruised.summary.environment?.issues ?? []).toEqual([]);
  });

  it('says of every rule what to do instead, and lets none of them only warn', () => {
    const { forbidden } = cruised.summary.ruleSetUsed;

    expect(forbidden.filter(({ severity }) => severity !== 'error')).toEqual([]);
    expect(forbidden.filter(({ comment = '' }) => comment.length < 30)).toEqual([]);
  });
});

describe('a violation', () => {
  const directory = mkdtempSync(join(tmpdir(), 'distributary-imports-'));
  const planted = plantAll(directory);
  const among = [...new Set([...folders(), 'cli', 'bench', 'web', 'docs'])];
  const { violations, ruleSetUsed } = cruise(directory, among).summary;

  afterAll(() => rmSync(directory, { recursive: true }));

  it.each(planted)('of $rule by $from is caught', ({ rule, from, to }) => {
    const caught = violations.filter((violation) => violation.rule.name === rule && violation.from === from);

    expect(caught.map((violation) => violation.to)).toEqual(expect.arrayContaining([expect.stringContaining(to)]));
  });

  it('is planted for each rule', () => {
    const rules = new Set(planted.map(({ rule }) => rule));

    expect(rules).toEqual(new Set(ruleSetUsed.forbidden.map(({ name }) => name)));
  });
});
