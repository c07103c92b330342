import type { Backend } from '../backend.ts';
import { ReferenceNetwork } from './network.ts';

/** The oracle of the tests, and the engine where no compiled one can run. */
export const referenceBackend: Backend = {
  id: 'reference',
  title: 'Reference',
  describe: () => 'TypeScript reference (slow)',
  compile: async (graph, options) => new ReferenceNetwork(graph, options),
};
