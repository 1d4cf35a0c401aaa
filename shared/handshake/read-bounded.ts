/** Size in bytes of the longest answer that the authorizer takes: of keys, a secret or revocations. */
export const AUTHORIZER_ANSWER_BYTES = 65_536;

/** Returns the text of an answer. Throws for one that is longer than AUTHORIZER_ANSWER_BYTES. */
export async function readBounded({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > AUTHORIZER_ANSWER_BYTES) throw new Error(`the answer is longer than ${AUTHORIZER_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Returns an error as one line, with the code of its cause where there is one: `fetch failed (ECONNREFUSED)`. */
export function failureText(error: unknown): string {
  const { message, cause } = fieldsOf(error);
  const { code } = fieldsOf(cause);
  const text = typeof message === 'string' ? message : String(error);
  return typeof code === 'string' ? `${text} (${code})` : text;
}

const fieldsOf = (value: unknown): { message?: unknown; cause?: unknown; code?: unknown } =>
  typeof value === 'object' && value !== null ? value : {};
