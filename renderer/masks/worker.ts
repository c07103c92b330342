import { MaskEngine } from './engine.ts';
import type { EngineCalls, SupplyCalls } from './protocol.ts';
import { Rpc, Transferred, type Port } from './rpc.ts';

/** The worker: an engine behind calls. Tiles leave as bitmaps, which the page draws without copying. */
const page: Rpc<SupplyCalls, EngineCalls> = new Rpc(self as unknown as Port, {
  setPalette: (palette) => engine.setPalette(palette),
  forget: (run) => engine.forget(run),
  async tile({ scene, at }) {
    const { width, height, pixels, full, ms } = await engine.tile(scene, at);
    const image = new ImageData(new Uint8ClampedArray(pixels.buffer), width, height);
    const bitmap = await createImageBitmap(image);
    return new Transferred({ bitmap, full, ms }, [bitmap]);
  },
  marginals: (scene) => engine.marginals(scene),
  statistics: (mask) => engine.statistics(mask),
  difference: ({ a, b }) => engine.difference(a, b),
  patterns: ({ mask, shape }) => engine.patterns(mask, shape),
  filters: ({ mask, shape }) => engine.filters(mask, shape),
  history: (layer) => engine.history(layer),
  report: (layer) => engine.report(layer),
});

const engine: MaskEngine = new MaskEngine({
  mask: (ref) => page.call('mask', ref),
  values: (layer) => page.call('values', layer),
});
