/** Size in bytes of an answer with keys or with a secret. A longer answer is an error. */
const ANSWER_BYTES = 65_536;

/** Returns the text of an answer. Throws for one that is longer than ANSWER_BYTES. */
export async function readBounded({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > ANSWER_BYTES) throw new Error(`the answer is longer than ${ANSWER_BYTES} bytes`);
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
