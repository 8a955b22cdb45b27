// The peer: plain `ws`, which sends every text of one NATS subject to everybody who is connected, and nothing else.
import { connect } from '@nats-io/transport-node';
import { WebSocketServer } from 'ws';

const { nats, subject } = JSON.parse(process.argv[2]);
const connection = await connect(nats);
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
connection.subscribe(subject, {
  callback: (_error, message) => {
    const text = message.string();
    for (const client of server.clients) client.send(text);
  },
});
await connection.flush();
server.once('listening', () => process.send({ port: server.address().port }));
if (server.address()) process.send({ port: server.address().port });
process.on('disconnect', () => process.exit());
