import { dataType, type Attribute } from './binding.ts';

// TF_AttrType of TensorFlow's C API.
const attributeType = { string: 0, integer: 1, float: 2, boolean: 3, type: 4, shape: 5 };

export const text = (name: string, value: string): Attribute => ({ name, type: attributeType.string, value });
export const integer = (name: string, value: number): Attribute => ({
  name,
  type: attributeType.integer,
  value,
});
export const integers = (name: string, value: readonly number[]): Attribute => ({
  name,
  type: attributeType.integer,
  value,
});
export const float = (name: string, value: number): Attribute => ({ name, type: attributeType.float, value });
export const flag = (name: string, value: boolean): Attribute => ({
  name,
  type: attributeType.boolean,
  value,
});
export const type = (name: string, value: number): Attribute => ({ name, type: attributeType.type, value });
export const shape = (name: string, value: readonly number[]): Attribute => ({
  name,
  type: attributeType.shape,
  value,
});

/** The type of an operation's numbers, which all of ours compute with. */
export const float32 = type('T', dataType.float32);
export const float32Variable = type('dtype', dataType.float32);
export const channelsLast = text('data_format', 'NHWC');
