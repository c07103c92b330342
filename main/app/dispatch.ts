import { calls, type Answer, type CallName, type Output, type Parsed } from '../../shared/contract.ts';
import { show, UserError } from '../../shared/errors.ts';
import type { Connection } from './events.ts';

/** What answers a call: validated input in, output or UserError out. */
export type Handlers = {
  [N in CallName]: (input: Parsed<N>, connection: Connection) => Output<N> | Promise<Output<N>>;
};

export interface Dispatcher {
  /** Answers a call from a window; never throws. Whoever calls it has checked that the sender is one of our windows. */
  dispatch(name: unknown, input: unknown, connection: Connection): Promise<Answer<CallName>>;
}

/**
 * The one way into the host: unknown calls and invalid inputs are refused by name, errors become data.
 * @param onDefect is told about errors that are ours, not the user's; the window gets no stack
 */
export function createDispatcher(handlers: Handlers, onDefect: (error: unknown) => void): Dispatcher {
  return {
    async dispatch(name, input, connection) {
      try {
        if (typeof name !== 'string' || !Object.hasOwn(calls, name)) {
          throw new UserError('unknown-call', `${show(name)} is not a call of this workbench`);
        }
        const parsed = calls[name as CallName].input.safeParse(input);
        if (!parsed.success) {
          const [issue] = parsed.error.issues;
          const field = issue.path.join('.');
          throw new UserError(
            'bad-input',
            `${[name, field].filter(Boolean).join(': ')}: ${issue.message}`,
            field,
          );
        }
        const handler = handlers[name as CallName] as (
          input: unknown,
          connection: Connection,
        ) => Promise<Output<CallName>>;
        return { ok: true, value: await handler(parsed.data, connection) };
      } catch (error) {
        if (error instanceof UserError) {
          const { code, message, field } = error;
          return { ok: false, error: { code, message, field } };
        }
        onDefect(error);
        return {
          ok: false,
          error: {
            code: 'internal',
            message: `Filigree made an error: ${(error as Error)?.message ?? 'unknown'}`,
          },
        };
      }
    },
  };
}
