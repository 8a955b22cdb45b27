// What a decision costs: in process at 1, 10, 50 and 1,000 policies beside the rules of @microsoft/agent-governance-sdk, and
// over HTTP with its durable record. `SHORT=1`: a tenth of it, kept nowhere.
import '../scripts/from-source.mjs';
import { fileURLToPath } from 'node:url';
import { quantile, round } from './figures.mjs';
import { Machine } from './machine.mjs';
import { httpRows, overHttp } from './policy-http.mjs';
import { keep } from './report.mjs';

const SHORT = Boolean(process.env.SHORT);
const WARM_UP = 2_000;
const DECISIONS = SHORT ? 2_000 : 20_000;
const HTTP = { rounds: SHORT ? 1 : 5, count: SHORT ? 100 : 400 };
const COUNTS = [1, 10, 50, 1_000];
/** As many policies for one action as a slice may have; the others are for other actions. */
const MAX_SLICE = 50;
/** Microseconds. */
const TARGETS = { 10: { p50: 150 }, 1000: { p99: 1_000 } };

await import('reflect-metadata');
const { PolicyEngine } = await import('../apps/governance/src/policy/policy.engine.ts');
const { loadBundle } = await import('../apps/governance/src/policy/bundle.ts');
const { PolicyEngine: SdkEngine } = await import('@microsoft/agent-governance-sdk');

const machine = new Machine();

const common =
  'agent: Agent, approvers: Long, effects: Effects, held: Bool, risk?: decimal, taint: Taint, path_classes: Set<PathClass>';
const schemaOf = (actions) => `
entity Person; entity Agent; entity Service;
entity Workspace { registered: Bool };
entity Effects enum ["none", "reversible", "compensable", "irreversible"];
entity PathClass enum ["outside", "root", "protected", "vcs", "secret"];
type Taint = { read_sensitive: Bool, read_untrusted: Bool, external_send_pending: Bool, secrets_used: Bool };
type Context = { ${common} };
${actions.map((name) => `action "${name}" appliesTo { principal: [Person, Agent, Service], resource: Workspace, context: Context };`).join('\n')}`;

/** The first policy of an action allows; the others, of which all are looked at, do not apply. */
const policyOf = (action, n) => [
  `p-${action.replaceAll('.', '-')}-${n}`,
  `@id("p-${action.replaceAll('.', '-')}-${n}") @sentence("Policy ${n} of ${action}.")
permit (principal, action == Action::"${action}", resource)
when { context.effects == Effects::"${n === 0 ? 'reversible' : 'compensable'}" && resource.registered }
when { context.approvers >= (if context has risk then (if context.risk.lessThan(decimal("0.7")) then 0 else 1) else 1) };`,
];

const bundleOf = (count) => {
  const actions = Array.from({ length: Math.ceil(count / MAX_SLICE) }, (_, n) => `file.act${n}`);
  const policies = Array.from({ length: count }, (_, n) => policyOf(actions[Math.floor(n / MAX_SLICE)], n % MAX_SLICE));
  const plain = { places: {}, path_classes: [], sensitive: [], epoch: 1, digest: 'sha256:00', tests: [] };
  return { ...plain, policies: Object.fromEntries(policies), schema: schemaOf(actions) };
};

const request = {
  team: 'team-1',
  principal: { kind: 'service', id: 'suite' },
  agent: { id: 'tidy', version: '1' },
  tool: { name: 'file.act0', version: '1' },
  effects: 'reversible',
  action_digest: `sha256:${'0'.repeat(64)}`,
  workspace: { id: 'sample', registered: true },
  target: { kind: 'path', paths: ['build/out.js'] },
  held: true,
  risk: 0.1,
  sandbox: 'bubblewrap',
  taint: { read_sensitive: false, read_untrusted: false, external_send_pending: false, secrets_used: false },
  approvals: { role: 'approver', approvers: 0 },
};

/** The same rules in the peer's language, all of them in one policy: it has no slices. */
const sdkOf = (count) => {
  const rules = Array.from({ length: count }, (_, n) => {
    const [action, at] = [`file.act${Math.floor(n / MAX_SLICE)}`, n % MAX_SLICE];
    const effects = at === 0 ? 'reversible' : 'compensable';
    return {
      name: `p-${action}-${at}`,
      description: `Policy ${at} of ${action}.`,
      condition: `action == '${action}' and effects == '${effects}' and registered == true and risk < 0.7`,
      ruleAction: 'allow',
      priority: 1,
    };
  });
  const engine = new SdkEngine();
  engine.loadPolicy({ name: 'bench', scope: 'global', rules, default_action: 'deny' });
  const asked = { action: 'file.act0', effects: 'reversible', registered: true, risk: 0.1, approvers: 0 };
  return () => engine.evaluatePolicy('tidy', { ...asked }).action;
};

const timed = (decide) => {
  for (let n = 0; n < WARM_UP; n++) decide();
  const times = [];
  for (let n = 0; n < DECISIONS; n++) {
    const began = performance.now();
    const decision = decide();
    times.push((performance.now() - began) * 1_000);
    if (decision !== 'allow') throw new Error(`the bench asks for what is allowed, and got ${decision}`);
    if (n % 2_000 === 0) machine.sample();
  }
  return { p50_us: round(quantile(times, 0.5), 1), p99_us: round(quantile(times, 0.99), 1) };
};
const deciding = (engine, asked) => () => engine.decide(asked).decision;

const inProcess = async () => {
  const sized = COUNTS.map((policies) => ({
    policies,
    ours: timed(deciding(PolicyEngine.load(bundleOf(policies)), request)),
    sdk: timed(sdkOf(policies)),
  }));
  const shipped = await loadBundle(fileURLToPath(new URL('../policies', import.meta.url)));
  const asked = { ...request, tool: { name: 'file.write', version: '1' } };
  const policies = Object.keys(shipped.policies).length;
  return [...sized, { policies, shipped: true, ours: timed(deciding(PolicyEngine.load(shipped), asked)) }];
};

const figures = ({ p50_us, p99_us }) => `p50 ${p50_us} µs, p99 ${p99_us} µs`;

const rowOf = ({ policies, shipped, ours, sdk }) => {
  const what = `Decision in process, ${policies} ${policies === 1 ? 'policy' : 'policies'}${shipped ? ', the shipped ones' : ''}`;
  const [[name, most] = []] = Object.entries((!shipped && TARGETS[policies]) || {});
  return {
    what,
    ours: figures(ours),
    ...(sdk && {
      peer: `@microsoft/agent-governance-sdk 4: ${figures(sdk)}`,
      ratio: round(ours.p50_us / sdk.p50_us),
    }),
    ...(name && { target: `${name} <= ${most} µs`, met: ours[`${name}_us`] <= most }),
  };
};

const decided = await inProcess();
const http = await overHttp({ machine, ...HTTP });
machine.sample(3);
const rows = [...decided.map(rowOf), ...httpRows(http)];
if (SHORT) console.table(rows);
else keep('policy', { machine, rows, decided, http });
