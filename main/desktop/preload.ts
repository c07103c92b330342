import { contextBridge, ipcRenderer } from 'electron';

type Listener = (payload: unknown) => void;

const listeners = new Map<string, Set<Listener>>();

ipcRenderer.on('event', (_event, name: string, payload: unknown) => {
  for (const listener of listeners.get(name) ?? []) listener(payload);
});

// All that a page gets of Electron; see Bridge in renderer/host/bridge.ts.
contextBridge.exposeInMainWorld('filigree', {
  call: (name: string, input: unknown) => ipcRenderer.invoke('call', name, input),
  on(name: string, listener: Listener) {
    const known = listeners.get(name) ?? new Set();
    listeners.set(name, known.add(listener));
    return () => void known.delete(listener);
  },
});
