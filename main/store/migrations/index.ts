import { initial } from './0001-initial.ts';
import { workbench } from './0002-workbench.ts';

/** SQL that leads from schema version i to i + 1. Released entries never change; a new schema is a new entry. */
export const migrations: readonly string[] = [initial, workbench];
