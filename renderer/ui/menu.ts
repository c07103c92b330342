import type { Component } from 'vue';

export interface MenuAction {
  label: string;
  icon?: Component;
  /** Shown at the right, in the syntax of `shared/commands.ts`. */
  keys?: string;
  danger?: boolean;
  disabled?: boolean;
  /** Makes it a switch, with a check mark while true. */
  checked?: boolean;
  run(): unknown;
}

export type MenuItem = MenuAction | 'separator';
