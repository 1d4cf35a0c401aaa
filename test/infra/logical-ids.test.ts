import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type SynthesizedStack, synthesizeStacks } from './synthesized-stack.ts';

/** The logical ids of the stacks that are deployed, each with its resource type. Another id is another resource. */
const DEPLOYED: Readonly<Record<string, Readonly<Record<string, string>>>> = JSON.parse(
  readFileSync(join(import.meta.dirname, 'logical-ids.json'), 'utf8'),
);

const auth = { issuer: 'https://idp.example', audience: ['app'], jwksUri: 'https://idp.example/jwks.json' };
const [base, full] = synthesizeStacks([{}, { stackName: 'Full', auth, alarmEmail: 'ops@example.com' }]);
if (base === undefined || full === undefined) throw new Error('two stacks');

const idsOf = ({ template }: SynthesizedStack): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(Object.entries(template.Resources).map(([id, { Type }]) => [id, Type])),
  ...Object.fromEntries(Object.keys(template.Outputs).map((id) => [id, 'Output'])),
});

describe('an update of a deployed stack', () => {
  it('replaces no resource: every logical id stays', () => {
    expect(idsOf(base)).toMatchObject(DEPLOYED['always'] ?? {});
  });

  it('replaces none of authentication and of the alarms by mail', () => {
    expect(idsOf(full)).toMatchObject(Object.assign({}, ...Object.values(DEPLOYED)));
  });
});
