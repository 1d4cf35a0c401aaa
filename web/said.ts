/** A text and the name of its author. The name is what its author typed: nobody has checked it. */
export interface Said {
  readonly from: string;
  readonly text: string;
}

/** Returns the data of a message: the text alone, or with a name in front of it. */
export const dataOf = (text: string, from: string): string | Said => (from === '' ? text : { from, text });

/** Returns the text and its author. Undefined for data of another form, which is shown as JSON. */
export function saidOf(data: unknown): (Partial<Said> & Pick<Said, 'text'>) | undefined {
  if (typeof data === 'string') return { text: data };
  if (typeof data !== 'object' || data === null || Object.keys(data).length !== 2) return undefined;
  if (!('from' in data) || !('text' in data)) return undefined;
  const { from, text } = data;
  return typeof from === 'string' && typeof text === 'string' ? { from, text } : undefined;
}
