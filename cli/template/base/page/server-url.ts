/** Returns the URL of the server: the value of `?url=`, else the server of this page. */
export function serverUrl(): string {
  const named = new URLSearchParams(location.search).get('url');
  return named ?? `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/live`;
}
