import type { Component } from 'vue';

/** One choice of a select, combobox or segmented control. */
export interface Option {
  value: string;
  label: string;
  /** A second, quieter line. */
  hint?: string;
  icon?: Component;
  disabled?: boolean;
}
