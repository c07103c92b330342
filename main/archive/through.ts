import { pipeline, Readable, type Transform } from 'node:stream';

/** Bytes as a transform changes them; whoever stops reading early, or an error of the source, ends both. */
export function through(source: AsyncIterable<Uint8Array>, transform: Transform): AsyncIterable<Uint8Array> {
  // The reader of the transform gets the error; told to stop early, nobody is left to hear of it.
  return pipeline(Readable.from(source, { objectMode: false }), transform, () => {});
}
