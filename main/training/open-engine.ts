import { UserError } from '../../shared/errors.ts';
import { EngineUnavailable } from '../backends/engine.ts';
import { chooseBackend, type ChosenBackend } from '../backends/registry.ts';
import type { EngineOrder } from './messages.ts';

/**
 * Loads the engine of a run. A resumed run goes on with the engine it began with or not at all; if that engine has
 * changed since (another version, another computer), it says so.
 * @returns the engine, and what the user should be told of it
 * @throws UserError `backend-unavailable`, `engine-gone` for a resumed run
 */
export async function openEngine(
  { id, begunWith }: EngineOrder,
  threads: number,
): Promise<{ chosen: ChosenBackend; warnings: string[] }> {
  const chosen = await chooseBackend(id, threads).catch((error: Error) => {
    if (begunWith === undefined || !(error instanceof EngineUnavailable)) throw error;
    throw new UserError(
      'engine-gone',
      `This run began on ${begunWith} and goes on with the same engine or not at all, but ${id} cannot run here: ` +
        `${error.reason}. To use another engine, start a new run from its last checkpoint`,
      'engine.backend',
    );
  });
  const now = chosen.backend.describe();
  const changed =
    begunWith !== undefined && begunWith !== now
      ? [
          `The run began on ${begunWith} and goes on with ${now}: its numbers may differ from here on in their last digits.`,
        ]
      : [];
  return { chosen, warnings: [...(chosen.notice ? [chosen.notice] : []), ...changed] };
}
