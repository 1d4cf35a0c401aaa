import type { FunctionModel } from '../model.ts';

/** The version that runs, whatever version or alias a caller names. */
export const VERSION = '$LATEST';

/** A function as a caller names it. */
export interface NamedFunction {
  /** The ARN that the caller means, with the qualifier, by which rights are judged. */
  readonly arn: string;
  /** The version or alias. Absent for the function itself. */
  readonly qualifier: string | undefined;
  /** Absent where the application has no such function or qualifier. */
  readonly model: FunctionModel | undefined;
  /** Whether the name and the query name different qualifiers. */
  readonly isContradictory: boolean;
}

/** Finds the function that a caller names, as it stands in the URL. */
export type FindFunction = (encodedReference: string, qualifier: string | null) => NamedFunction;

/** A function's name, after what may stand before it and before its qualifier. */
const REFERENCE = /^(?:(?:arn:[^:]+:lambda:[^:]*:)?[^:]*:function:)?([^:]*)(?::(.*))?$/s;

/**
 * Returns a lookup by everything that a caller may name a function by: its name, its ARN, or the ARN's end from the
 * account on, each also with a qualifier.
 */
export function functionFinder(functions: readonly FunctionModel[]): FindFunction {
  const start = arnStartOf(functions, 'function');
  return (encodedReference, asked) => {
    const reference = decodeReference(encodedReference);
    const [, name = '', own] = REFERENCE.exec(reference) ?? [];
    const qualifier = asked ?? own;
    const whole = wholeArn(own === undefined ? reference : reference.slice(0, -own.length - 1), start);
    const model = functions.find(({ arn, name: itsName }) => itsName === name && arn === whole);
    return {
      arn: qualifier === undefined ? whole : `${whole}:${qualifier}`,
      qualifier,
      model: model !== undefined && hasQualifier(model, qualifier) ? model : undefined,
      isContradictory: asked !== null && own !== undefined && asked !== own,
    };
  };
}

/** Returns the start of the ARNs of one type of Lambda's resources, up to the name. Empty without a function. */
export function arnStartOf([first]: readonly FunctionModel[], type: string): string {
  return first === undefined ? '' : `${first.arn.split(':').slice(0, 5).join(':')}:${type}:`;
}

/** Returns the ARN that a reference without a qualifier means. */
function wholeArn(reference: string, start: string): string {
  if (reference.startsWith('arn:')) return reference;
  if (!reference.includes(':')) return `${start}${reference}`;
  return `${start.split(':').slice(0, 4).join(':')}:${reference}`;
}

function hasQualifier({ qualifiers = [] }: FunctionModel, qualifier: string | undefined): boolean {
  return qualifier === undefined || qualifier === VERSION || qualifiers.includes(qualifier);
}

/** Returns a reference as it was before it became part of a URL. */
function decodeReference(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    // Invalid percent encoding: no function has such a name.
    return encoded;
  }
}
