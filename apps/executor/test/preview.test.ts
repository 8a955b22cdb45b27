import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { governance, parseMessage, rpcSubject } from '#contracts';
import { sha256 } from '#kernel';
import { connectNats } from '#service';
import { until } from '#testing';
import type { NatsConnection } from '@nats-io/transport-node';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Engine, openEngine, STEPS_HEAD, treeOf } from './engine.js';

let engine: Engine;
let connection: NatsConnection;
/** Every claim that was asked of governance. */
const claims: governance.ClaimApproval[] = [];

beforeAll(async () => {
  engine = await openEngine();
  await engine.start();
  connection = await connectNats(engine.platform, 'governance');
  connection.subscribe(rpcSubject(governance.approval.claim), {
    callback: (_error, message) => {
      claims.push(parseMessage(governance.ClaimApproval, message.json<{ data: object }>().data));
    },
  });
  await connection.flush();
});
afterAll(async () => {
  await connection?.close();
  await engine.close();
});

const PLAYBOOK = `${STEPS_HEAD}steps:
  - { id: look, uses: file.list@v1, with: { path: "." } }
  - { id: change, uses: file.write@v1, with: { path: conf, content: "DB_PASSWORD=hunter3\\n</script>\\n" } }
  - { id: run, uses: shell.run@v1, with: { argv: ["true"] } }
`;

/** A run, and what was asked about each of its steps, the run itself first. */
const asked = async (folder: string) => {
  const id = await engine.submit(PLAYBOOK, folder);
  const requests = () => engine.governance.requests.filter(({ execution_id }) => execution_id === id);
  return { id, requests };
};

describe('what a question about an action brings with it', () => {
  it('is what the action would change, where it has effects and they can be foreseen', async () => {
    engine.governance.policy = () => 'allow';
    const folder = engine.folder({ conf: 'DB_PASSWORD=hunter2\n' });
    const { id, requests } = await asked(folder);
    expect((await engine.ended(id)).status).toBe('succeeded');
    const [, look, change, run] = requests();
    expect([look, run].map((request) => request?.preview)).toEqual([undefined, undefined]);
    expect(change).toMatchObject({ task: 'of a test' });
    expect(change!.preview).toEqual([
      {
        path: 'conf',
        change: 'modified',
        before: sha256('DB_PASSWORD=hunter2\n'),
        after: sha256(readFileSync(join(folder, 'conf'))),
        diff: '--- conf\n+++ conf\n@@ -1 +1,2 @@\n-DB_PASSWORD=[redacted:secret]\n+DB_PASSWORD=[redacted:secret]\n+</script>\n',
        note: null,
      },
    ]);
  });

  it('is told again for the workspace of now when the approval is used, and leaves the digest alone', async () => {
    engine.governance.policy = ({ paths }) => (paths.includes('conf') ? 'ask' : 'allow');
    const folder = engine.folder({ conf: 'old\n' });
    const { id, requests } = await asked(folder);
    await engine.inStatus(id, 'paused');
    writeFileSync(join(folder, 'conf'), 'somebody needs this\n');
    await engine.governance.decide(
      engine.governance.asked.find((one) => one.request.execution_id === id)!,
      'approved',
    );
    await engine.ended(id);
    const question = requests()[2]!;
    const last = await until('it was claimed', async () =>
      claims.findLast(({ request }) => request.execution_id === id),
    );
    expect(last.request.digest).toBe(question.digest);
    expect(question.preview).toMatchObject([{ before: sha256('old\n'), diff: expect.stringContaining('-old') }]);
    expect(last.request.preview).toMatchObject([{ path: 'conf', before: sha256('somebody needs this\n'), diff: null }]);
  });

  it('does not depend on a workspace that can be read', async () => {
    engine.governance.policy = () => 'allow';
    const folder = engine.folder({ 'conf/is/a/folder': 'x' });
    const { id, requests } = await asked(folder);
    await engine.ended(id);
    expect(requests()[2]!.preview).toMatchObject([{ diff: null, note: expect.stringContaining('A folder is there') }]);
    expect(Object.keys(treeOf(folder))).toContain('conf/is/a/folder');
  });
});
