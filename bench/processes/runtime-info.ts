/** The addresses of a running local runtime's parts. */
interface RuntimeInfo {
  readonly endpoints: { readonly dynamodb: string; readonly s3: string; readonly callback: string };
  readonly outputs: Readonly<Record<string, string>>;
}

/** Requests the addresses from the local runtime at `url`, its WebSocket URL. */
export async function runtimeInfo(url: string): Promise<RuntimeInfo> {
  const response = await fetch(new URL('/_runtime', url.replace(/^ws/, 'http')));
  const info: RuntimeInfo = JSON.parse(await response.text());
  return info;
}
