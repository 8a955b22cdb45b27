// An HTTP/1.1 client in a process of its own: so many connections, each with one request under way, for so long.
// argv: {port, tokensFile, callsPerToken} as JSON. Sent {path, connections, ms, pauseMs?, closes?} it answers
// {count, p50_ms, p99_ms, max_ms}; `closes`: the server ends the connection with its answer, so each request opens one.
// A token changes after so many calls, because one person may ask only so often a minute.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { quantile, round } from './figures.mjs';

const { port, tokensFile, callsPerToken } = JSON.parse(process.argv[2]);
const tokens = JSON.parse(readFileSync(tokensFile, 'utf8'));
const HEAD_END = '\r\n\r\n';
let nextToken = 0;

const open = () =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.setEncoding('latin1').once('error', reject);
  });

/** Resolves when the whole answer is there. */
const answered = (socket, request, closes) =>
  new Promise((resolve, reject) => {
    let text = '';
    let length = Infinity;
    const done = () => {
      socket.off('data', hear).off('end', ended);
      if (text.startsWith('HTTP/1.1 200 ')) resolve();
      else reject(new Error(`answered ${text.slice(0, 300)}`));
    };
    const ended = () => (closes ? done() : reject(new Error(`closed after ${text.slice(0, 300)}`)));
    const hear = (chunk) => {
      text += chunk;
      const body = text.indexOf(HEAD_END) + HEAD_END.length;
      if (length === Infinity && body >= HEAD_END.length) {
        length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, body))?.[1] ?? Infinity);
      }
      if (text.length >= body + length) done();
    };
    socket.on('data', hear).once('end', ended);
    socket.write(request);
  });

const drive = async ({ path, ms, pauseMs, closes }) => {
  const times = [];
  const end = performance.now() + ms;
  let socket = closes ? null : await open();
  let request = '';
  for (let n = 0; performance.now() < end; n++) {
    if (n % callsPerToken === 0) {
      const token = tokens[nextToken++ % tokens.length];
      request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n\r\n`;
    }
    const began = performance.now();
    if (closes) socket = await open();
    await answered(socket, request, closes);
    times.push(performance.now() - began);
    if (closes) socket.destroy();
    if (pauseMs) await delay(pauseMs);
  }
  socket.destroy();
  return times;
};

process.on('message', async (task) => {
  try {
    const all = (await Promise.all(Array.from({ length: task.connections }, () => drive(task)))).flat();
    const [p50_ms, p99_ms, max_ms] = [0.5, 0.99, 1].map((q) => round(quantile(all, q), 3));
    process.send({ count: all.length, p50_ms, p99_ms, max_ms });
  } catch (error) {
    process.send({ failed: error.message });
  }
});
process.on('disconnect', () => process.exit());
process.send({ ready: true });
