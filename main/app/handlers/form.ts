import type { HostContext } from '../context.ts';
import type { Handlers } from '../dispatch.ts';
import { previewRun } from '../form-preview.ts';
import { measureConfig, previewSources } from '../step-times.ts';

export function formHandlers(context: HostContext): Pick<Handlers, 'form.preview' | 'form.measure'> {
  const sources = previewSources(context);
  return {
    'form.preview': ({ config, parentRunId, fromStep }) => {
      const starts = parentRunId !== undefined && fromStep !== undefined;
      return previewRun(config, sources, starts ? context.store.getRun(parentRunId).config : undefined);
    },
    'form.measure': ({ config }) => measureConfig(context, config),
  };
}
