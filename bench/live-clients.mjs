// A crowd of WebSocket clients in a process of its own: how late each frame is when it arrives.
// argv: {url, tokens[], count, after} as JSON. Told 'report' it sends the lags since the last report, in ms.
import { WebSocket } from 'ws';

const { urls, count } = JSON.parse(process.argv[2]);
const SENT = /"thought":"(\d+(?:\.\d+)?) /;
let lags = [];
let opened = 0;
for (let n = 0; n < count; n += 1) {
  const { url, headers } = urls[n % urls.length];
  const socket = new WebSocket(url, { headers, perMessageDeflate: false });
  socket.on('open', () => (opened += 1) === count && process.send({ opened }));
  socket.on('message', (data) => {
    const sent = SENT.exec(data.toString('latin1'));
    if (sent) lags.push(performance.timeOrigin + performance.now() - Number(sent[1]));
  });
  socket.on('unexpected-response', (_request, { statusCode }) => process.send({ failed: `status ${statusCode}` }));
  socket.on('error', (error) => process.send({ failed: error.message }));
}
process.on('message', () => {
  process.send({ lags });
  lags = [];
});
process.on('disconnect', () => process.exit());
