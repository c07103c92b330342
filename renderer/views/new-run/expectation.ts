import type { PresetEntry } from '../../../shared/catalog.ts';

/** The acceptance figure of a recipe in a line: `≥ 88.0 % at ≤ 12 % FLOPs`; '' where none was set. */
export function expectationText({ expect }: PresetEntry): string {
  if (!expect) return '';
  const { accuracyMin, nonzeroMin, nonzeroMax, flopsMax } = expect;
  const accuracy = `≥ ${atLeastOneDecimal(accuracyMin)} %`;
  const density = nonzeroMax === undefined ? undefined : nonzeroText(nonzeroMin, nonzeroMax);
  const flops = flopsMax === undefined || flopsMax > 99 ? undefined : `≤ ${figure(flopsMax)} % FLOPs`;
  const cost = [density, flops].filter(Boolean).join(', ');
  return cost ? `${accuracy} at ${cost}` : accuracy;
}

function nonzeroText(min: number | undefined, max: number): string | undefined {
  if (min !== undefined && max - min < 0.01) {
    const exact = (min + max) / 2;
    return exact > 99 ? undefined : `${figure(exact)} % weights`;
  }
  return min === undefined ? `≤ ${figure(max)} % weights` : `${figure(min)}–${figure(max)} % weights`;
}

/** 88 is `88.0`, 88.27 stays: a floor is never rounded. */
const atLeastOneDecimal = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : String(value));

const figure = (value: number) => String(Number(value.toFixed(1)));
