import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { Backend } from '../backend.ts';
import { listStackResources } from '../list-stack-resources.ts';
import { type Finding, notice, ok, skipped } from './finding.ts';

const CHECK = 'authentication';

/** Says whether a stack asks for tokens. */
export async function checkAuthentication({ stack }: Pick<Backend, 'stack'>): Promise<Finding[]> {
  const { stackName, region } = stack;
  if (stackName === undefined) return [skipped(CHECK, 'the local runtime asks for tokens when started with --auth')];
  const cloudformation = new CloudFormationClient({ region });
  try {
    return [authenticationFinding((await listStackResources(cloudformation, stackName)).map(({ type }) => type))];
  } finally {
    cloudformation.destroy();
  }
}

/** Returns the finding on a stack with resources of these types. */
export const authenticationFinding = (types: readonly string[]): Finding =>
  types.includes('AWS::ApiGatewayV2::Authorizer')
    ? ok(CHECK, 'the authorizer asks for a token at each handshake')
    : notice(
        CHECK,
        'there is none: anyone who knows the URL may connect and do everything',
        'Deploy with the setting auth: see docs/security.md.',
      );
