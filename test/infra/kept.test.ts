import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NamedResource, ROOT, synthesizeStack } from './synthesized-stack.ts';

const stack = synthesizeStack();

/** The resources that outlive the stack, and the words by which the README names each. */
const KEPT: Readonly<Record<string, string>> = {
  'Tables/Topics': 'tables Topics and Messages',
  'Tables/Messages': 'tables Topics and Messages',
  'Pipeline/Failures': 'failure bucket',
  'ApiGatewayLogging/Role': 'role with which API Gateway writes logs',
  'ApiGatewayLogging/Account': 'setting of the account',
};

const isKept = ({ DeletionPolicy = '' }: NamedResource): boolean => DeletionPolicy.startsWith('Retain');

describe('what `cdk destroy` keeps', () => {
  it('are these resources and no others', () => {
    const kept = stack.all().filter(isKept);

    expect(kept.map(({ name }) => name).toSorted()).toEqual(Object.keys(KEPT).toSorted());
  });

  it.each(Object.entries(KEPT))('names %s in the README', (_, words) => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8').replaceAll(/\s+/g, ' ');
    const sentences = /`npx cdk destroy` removes .*?(?= ### Who may connect)/.exec(readme)?.[0];

    expect(sentences).toContain(words);
  });

  it('has no log group: their logs go with the stack', () => {
    const groups = [...stack.ofType('AWS::Logs::LogGroup').values()];

    expect(groups.length).toBeGreaterThan(0);
    expect(groups.filter(isKept)).toEqual([]);
  });
});
