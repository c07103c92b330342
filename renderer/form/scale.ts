import type { NumberField } from '../../shared/fields.ts';

/** A slider of `steps` positions and what each stands for. */
export interface Scale {
  steps: number;
  valueAt(position: number): number;
  /** The nearest position; values beyond the slider's ends are at its ends. */
  positionOf(value: number): number;
}

/** A field's range may be far wider than anybody uses; the slider covers what is usual, the entry everything. */
const decadesAroundDefault = 3;
const stepsPerDecade = 40;
const linearSteps = 100;
/** Beyond this a number is a name (a seed) and not a size. */
const largestSize = 1e7;

/** The slider of a number, or undefined where dragging makes no sense: no upper bound, or an integer that is a name. */
export function scaleOf(field: NumberField): Scale | undefined {
  const { min, max } = field;
  if (min === undefined || max === undefined || max > largestSize || min < 0) return undefined;
  const wide = field.type === 'integer' && max / Math.max(min, 1) > 500;
  return field.scale === 'log' || wide ? logScale(field, min, max) : linearScale(field, min, max);
}

function linearScale(field: NumberField, min: number, max: number): Scale {
  const span = max - min;
  const steps = field.type === 'integer' ? Math.min(span, linearSteps) : linearSteps;
  const first = field.exclusiveMin ? 1 : 0;
  const last = field.exclusiveMax ? steps - 1 : steps;
  return {
    steps,
    valueAt(position) {
      const value = min + (span * Math.min(Math.max(position, first), last)) / steps;
      return field.type === 'integer' ? Math.round(value) : round(value, 6);
    },
    positionOf: (value) => clamp(Math.round(((value - min) / span) * steps), 0, steps),
  };
}

/** Position 0 is the value 0 where the field takes it, then positions are equal factors apart. */
function logScale(field: NumberField, min: number, max: number): Scale {
  const centre = field.default > 0 ? field.default : Math.min(max, 1) / 10 ** decadesAroundDefault;
  const floor = field.type === 'integer' ? 1 : centre / 10 ** decadesAroundDefault;
  const low = Math.max(min, floor);
  const high = Math.min(max, centre * 10 ** decadesAroundDefault);
  const zero = min === 0 && !field.exclusiveMin ? 1 : 0;
  const logSteps = Math.max(1, Math.round(Math.log10(high / low) * stepsPerDecade));
  return {
    steps: logSteps + zero,
    valueAt(position) {
      if (zero && position === 0) return 0;
      const value = low * (high / low) ** ((position - zero) / logSteps);
      return clamp(field.type === 'integer' ? Math.round(round(value, 2)) : round(value, 2), low, high);
    },
    positionOf(value) {
      if (!(value > 0)) return 0;
      const share = Math.log(value / low) / Math.log(high / low);
      return clamp(Math.round(share * logSteps) + zero, zero, logSteps + zero);
    },
  };
}

const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);

const round = (value: number, digits: number) => Number(value.toPrecision(digits));
