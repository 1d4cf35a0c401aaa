import { element } from './element.ts';
import { rememberedName, rememberName } from './remembered.ts';

/** Fills the field for the name and keeps what is typed there. Returns a function that returns the name. */
export function createNameField(): () => string {
  const input = element('name');
  if (!(input instanceof HTMLInputElement)) throw new Error('#name is not a field.');
  input.value = rememberedName();
  const name = (): string => input.value.trim();
  input.addEventListener('input', () => rememberName(name()));
  return name;
}
