// The peer: plain Fastify that validates the same body by a schema, writes one row and answers. It decides nothing.
// argv: {adminUrl} as JSON.
import fastify from 'fastify';
import pg from 'pg';

const { adminUrl } = JSON.parse(process.argv[2]);
const pool = new pg.Pool({ connectionString: adminUrl, max: 4 });
await pool.query(`CREATE SCHEMA IF NOT EXISTS bench`);
await pool.query(`CREATE TABLE IF NOT EXISTS bench.decision (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), at timestamptz NOT NULL DEFAULT clock_timestamp(), body jsonb NOT NULL)`);

const text = { type: 'string', minLength: 1 };
const strict = (properties) => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties),
  properties,
});
const body = strict({
  task_description: text,
  tool: text,
  arguments: { type: 'object' },
  workspace: strict({ kind: text, path: text }),
});
const response = { 200: { type: 'object', properties: { execution_id: text, decision: text } } };

const server = fastify();
server.post('/loop/execute', { schema: { body, response } }, async (request) => {
  const { rows } = await pool.query(`INSERT INTO bench.decision (body) VALUES ($1) RETURNING id`, [request.body]);
  return { execution_id: rows[0].id, decision: 'allow' };
});
await server.listen({ port: 0, host: '127.0.0.1' });
process.on('disconnect', () => process.exit());
process.send({ port: server.server.address().port });
