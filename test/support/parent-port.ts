// Loaded before a training process (`node --import`): gives it the port of an Electron utility process instead of
// the channel of a Node child, which carries the messages underneath.
import { EventEmitter } from 'node:events';

const channel = { send: process.send!.bind(process) };
const port = Object.assign(new EventEmitter(), {
  postMessage: (message: unknown) => void channel.send(message),
});
process.on('message', (data) => port.emit('message', { data }));
process.send = () => {
  throw new Error('a utility process has no channel');
};
Object.assign(process, { parentPort: port });
