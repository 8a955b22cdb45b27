import { until } from '#testing';
import type { Caller } from '../caller.js';
import { upTo } from '../watcher.js';
import { makeWorkspace } from '../workspace.js';

/** Files the agent `walker` writes in one run. */
export const WALKED = 3;
const WALK = `
apiVersion: playbook/v1
name: walk
description: Writes a few files.
steps:
${upTo(WALKED)
  .map((n) => `  - { id: w${n}, uses: file.write@v1, with: { path: f${n}, content: "${n}" } }`)
  .join('\n')}
`;
export const POLICY_FILE = 'walker.cedar';
/** Where a wrong attribute stands in the policy. */
export const MISTAKE_LINE = 9;

/** A policy in a file of its own, of which no test of the shipped bundle speaks. `agnt` is a mistake. */
export const policyOf = (attribute: 'agent' | 'agnt'): string => `// Until it is repaired.
@id("walker-stays")
@sentence("The agent walker writes nothing.")
forbid (
  principal,
  action == Action::"file.write",
  resource
)
when { context.${attribute} == Agent::"walker" };
`;

/** One run whose writes that policy would deny. */
export const walk = async (admin: Caller, folder: string): Promise<void> => {
  await admin.register(WALK);
  makeWorkspace(folder, { 'README.md': 'A folder.\n' });
  await admin.ended(await admin.submit('walk', folder, { agent_id: 'walker' }));
};

/** The id of a draft with that policy, checked. */
export const draftOf = async (admin: Caller, attribute: 'agent' | 'agnt', note: string): Promise<string> => {
  const { files } = (await admin.get('/api/governance/policies')).body;
  const bundle = { files: { ...files, [POLICY_FILE]: policyOf(attribute) }, note };
  const { id } = (await admin.post('/api/governance/policies', bundle)).body;
  await admin.post(`/api/governance/policies/${id}/validate`);
  return id;
};

/** The id of one that people are asked about, with what it would change for the walker. */
export const askedAbout = async (admin: Caller, note: string): Promise<string> => {
  const id = await draftOf(admin, 'agent', note);
  const at = `/api/governance/policies/${id}`;
  await until(
    'what the walker did is recorded',
    async () => (await admin.post(`${at}/shadow`)).body.shadow.flipped > 0,
  );
  await admin.post(`${at}/publish`);
  return id;
};
