import type { EngineInfo } from '../../shared/engine-info.ts';
import { engineFields } from '../../shared/run.ts';
import type { Option } from '../ui/options.ts';

/** The engines as choices: what cannot run here says why and cannot be chosen. */
export function engineOptions(engines: readonly EngineInfo[]): Option[] {
  return engineFields.backend.options.map(({ value, label }) => {
    const engine = engines.find(({ id }) => id === value);
    if (!engine) return { value, label };
    if (!engine.available) return { value, label, hint: engine.detail, disabled: true };
    return {
      value,
      label,
      hint: engine.device?.kind === 'software' ? 'software GPU: slow' : engine.device?.name,
    };
  });
}
