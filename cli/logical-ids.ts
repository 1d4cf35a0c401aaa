/** The end of a logical id: eight digits that the CDK derives from the construct's path. */
const HASH = '[0-9A-F]{8}';

/**
 * Returns the name of a resource within an instance, as its logical id has it: `FunctionsBroadcastLogs` for
 * `LiveFunctionsBroadcastLogsF3A243A6` of `Live`; undefined if the id does not begin with the instance. The id of
 * another instance may begin with it too: what remains is no name then that an instance gives.
 */
export const nameWithin = (instance: string, logicalId: string): string | undefined =>
  new RegExp(`^${instance}(.*)${HASH}$`).exec(logicalId)?.[1];
