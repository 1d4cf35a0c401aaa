import { type CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';

/** A resource of a deployed stack. */
export interface StackResource {
  /** The resource type of CloudFormation: `AWS::Lambda::Function`. */
  readonly type: string;
  /** The name in the template. */
  readonly logicalId: string;
  /** The name that the service uses. */
  readonly physicalId: string;
}

/** Lists the resources of a stack, every page to the end. CloudFormation allows 500 in a stack. */
export async function listStackResources(client: CloudFormationClient, StackName: string): Promise<StackResource[]> {
  const resources: StackResource[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListStackResourcesCommand({ StackName, NextToken }));
    for (const {
      ResourceType: type,
      LogicalResourceId: logicalId,
      PhysicalResourceId: physicalId,
    } of page.StackResourceSummaries ?? []) {
      if (type !== undefined && logicalId !== undefined && physicalId !== undefined)
        resources.push({ type, logicalId, physicalId });
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return resources;
}
