import { z } from 'zod';
import { engineFields } from './run.ts';

/** What a user sets once for the whole workspace; kept in `settings.json` there. */
export const settingsSchema = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']),
  /** Runs that train at the same time. */
  slots: z.number().int().min(1).max(8),
  /** System notifications when a run ends. */
  notifications: z.boolean(),
  /** Looks for a newer version once a day; an installation that cannot update itself never does. */
  checkForUpdates: z.boolean(),
  /** What new runs start with. */
  engine: z.strictObject({
    backend: z.enum(engineFields.backend.options.map(({ value }) => value)),
    threads: z.number().int().min(0).max(256),
  }),
  /** Named states of the runs view: what stands behind `/runs?` in its address. */
  savedViews: z
    .array(z.strictObject({ name: z.string().min(1).max(100), query: z.string().max(4000) }))
    .max(100),
  /** Data sets of one's own, by name. */
  imports: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(200),
        dataset: z.strictObject({ id: z.string(), values: z.record(z.string(), z.unknown()) }),
      }),
    )
    .max(1000),
});

export type Settings = z.infer<typeof settingsSchema>;

export const defaultSettings: Settings = {
  theme: 'system',
  slots: 1,
  notifications: true,
  checkForUpdates: false,
  engine: { backend: 'auto', threads: 0 },
  savedViews: [],
  imports: [],
};
