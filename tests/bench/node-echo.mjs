// An echo on Node's ws, printed beside the others for comparison.  node node-echo.mjs PORT
import { createRequire } from 'node:module';

const { WebSocketServer } = createRequire(new URL('../browser/package.json', import.meta.url))('ws');
const server = new WebSocketServer({ port: Number(process.argv[2]), host: '127.0.0.1', perMessageDeflate: false, handleProtocols: () => 'bench' });
server.on('connection', (socket) => socket.on('message', (bytes) => socket.send(bytes, { binary: false })));
server.on('listening', () => console.log('ready'));
