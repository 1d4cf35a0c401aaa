import type { FunctionModel } from '../model.ts';

/** The version that runs, whatever version or alias a caller names. */
export const VERSION = '$LATEST';

/** Returns the function that a caller names, as it stands in the URL; undefined if there is none. */
export type FindFunction = (encodedReference: string, qualifier: string | null) => FunctionModel | undefined;

/**
 * Returns a lookup by everything that a caller may name a function by: its name, its ARN, or the ARN's end from the
 * account on.
 */
export function functionFinder(functions: readonly FunctionModel[]): FindFunction {
  const byReference = new Map(
    functions.flatMap((model) => [
      [model.name, model],
      [model.arn, model],
      [model.arn.split(':').slice(4).join(':'), model],
    ]),
  );
  return (encodedReference, qualifier) => {
    const reference = decodeReference(encodedReference);
    const whole = byReference.get(reference);
    if (whole !== undefined) return hasQualifier(whole, qualifier) ? whole : undefined;
    const colon = reference.lastIndexOf(':');
    const [model, own] = [byReference.get(reference.slice(0, colon)), reference.slice(colon + 1)];
    const isOne = qualifier === null || qualifier === own;
    return model !== undefined && isOne && hasQualifier(model, own) ? model : undefined;
  };
}

function hasQualifier({ qualifiers = [] }: FunctionModel, qualifier: string | null): boolean {
  return qualifier === null || qualifier === VERSION || qualifiers.includes(qualifier);
}

/** Returns a reference as it was before it became part of a URL. */
export function decodeReference(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    // Invalid percent encoding: no function has such a name.
    return encoded;
  }
}
