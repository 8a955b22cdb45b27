// `node connection-flood.mjs <port> <count> <address>`: opens connections from one address, each sending a request that
// never ends, a few bytes a second. Prints `opened <n>` once all were tried; ends with its standard input.
import { connect } from 'node:net';

const [port, count] = process.argv.slice(2, 4).map(Number);
const localAddress = process.argv[4];
const AT_ONCE = 200;
const DRIP_MS = 1_000;

const sockets = new Set();
let refused = 0;
let cut = 0;

const open = () =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    let connected = false;
    socket.on('connect', () => {
      connected = true;
      sockets.add(socket);
      socket.write('GET /health HTTP/1.1\r\nHost: x\r\n');
      resolve();
    });
    socket.on('data', (bytes) => (cut += String(bytes).startsWith('HTTP/1.1 408') ? 1 : 0));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      if (!connected) refused += 1;
      resolve();
    });
  });

let left = count;
const lane = async () => {
  while (left-- > 0) await open();
};
await Promise.all(Array.from({ length: AT_ONCE }, lane));
console.log(`opened ${count} refused ${refused}`);
setInterval(() => {
  for (const socket of sockets) if (socket.writable) socket.write('X-Drip: 1\r\n');
  console.log(`held ${sockets.size} cut ${cut}`);
}, DRIP_MS);
process.stdin.on('end', () => process.exit()).resume();
