/**
 * An error the user can act on: it names the field, the value that was found and what would be accepted.
 * The command line prints its message without a stack; the window shows it beside the field.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code: string;
  readonly field: string | undefined;

  constructor(code: string, message: string, field?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.field = field;
  }
}

/** A value as it should appear in an error message: short, unambiguous, never `[object Object]`. */
export function show(value: unknown): string {
  if (typeof value === 'number' || value === undefined) return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
