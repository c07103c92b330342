import type { Fields, ValuesOf } from '../../shared/fields.ts';
import type { Graph, Shape } from './graph.ts';

/** One model family; adding one is one file in `models/`, one line in `registry.ts` and one test. */
export interface Model<F extends Fields = Fields> {
  id: string;
  title: string;
  summary: string;
  paper?: { title: string; reference: string };
  fields: F;
  /** Builds the graph for a data set's shape; throws UserError where the model cannot take it. */
  build(values: ValuesOf<F>, input: { shape: Shape; scale: readonly number[]; shift: readonly number[] }, classes: number): Graph;
}

export function defineModel<const F extends Fields>(model: Model<F>): Model<F> {
  return model;
}
