import { compileSelection } from '../gateway/route-selection.ts';
import { at, type Fields, findTextField, unsupported } from './fields.ts';

/** Returns an optional selection expression. Throws RuntimeSetupError for one that cannot be evaluated here. */
export function findSelection(owner: Fields, name: string): string | undefined {
  const expression = findTextField(owner, name);
  if (expression === undefined) return undefined;
  try {
    compileSelection(expression);
    return expression;
  } catch (cause) {
    throw Object.assign(unsupported(at(owner, name), `the selection expression ${expression} is not supported`), {
      cause,
    });
  }
}
