/** Where the parts of a running local runtime are. */
interface RuntimeEndpoints {
  readonly dynamodb: string;
  readonly s3: string;
  readonly callback: string;
}

/** Asks the local runtime at `url`, its WebSocket URL, for its parts. */
export async function runtimeEndpoints(url: string): Promise<RuntimeEndpoints> {
  const response = await fetch(new URL('/_runtime', url.replace(/^ws/, 'http')));
  const { endpoints }: { endpoints: RuntimeEndpoints } = JSON.parse(await response.text());
  return endpoints;
}
