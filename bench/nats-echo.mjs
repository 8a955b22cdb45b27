// The peer of a bus call: answers a subject with so many bytes. argv: {nats, subject, bytes} as JSON.
import { connect } from '@nats-io/transport-node';

const { nats, subject, bytes } = JSON.parse(process.argv[2]);
const connection = await connect(nats);
const reply = 'x'.repeat(bytes);
connection.subscribe(subject, { callback: (_error, message) => message.respond(reply) });
await connection.flush();
process.on('disconnect', () => process.exit());
process.send({ ready: true });
