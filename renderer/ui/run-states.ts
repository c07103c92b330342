import {
  Ban,
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleX,
  Clock,
  LoaderCircle,
  Play,
  Square,
  Unplug,
} from '@lucide/vue';
import type { Component } from 'vue';
import type { RunState } from '../../shared/run-state.ts';

/** How a run's state is drawn: by shape and colour, never by colour alone. */
export const runStateLooks: Readonly<
  Record<
    RunState,
    { label: string; tone: 'neutral' | 'accent' | 'good' | 'warning' | 'bad'; icon: Component }
  >
> = {
  draft: { label: 'Draft', tone: 'neutral', icon: CircleDashed },
  queued: { label: 'Queued', tone: 'neutral', icon: Clock },
  starting: { label: 'Starting', tone: 'accent', icon: LoaderCircle },
  running: { label: 'Running', tone: 'accent', icon: Play },
  paused: { label: 'Paused', tone: 'warning', icon: CirclePause },
  stopping: { label: 'Stopping', tone: 'warning', icon: Square },
  finished: { label: 'Finished', tone: 'good', icon: CircleCheck },
  failed: { label: 'Failed', tone: 'bad', icon: CircleX },
  stopped: { label: 'Stopped', tone: 'neutral', icon: Ban },
  lost: { label: 'Lost', tone: 'bad', icon: Unplug },
};
