import type {
  Assessment,
  AssessmentFinding,
  AssessmentInput,
  EffectsClass,
  Severity,
  ShellHazardCode,
} from './assessment.types.js';
import { escapesWorkspace, isProtectedPath, isSecretPath, isWideGlob, pathsIn } from './path.rules.js';
import { secretsIn } from './secret.rules.js';
import { readShell } from './shell.rules.js';
import { isShellTool, shellText, toolConduct, type ToolConduct } from './tool.rules.js';

/** What an action of this class can cost before anything else is known about it. */
const EFFECTS_RISK: Record<EffectsClass, number> = {
  none: 0.01,
  reversible: 0.05,
  compensable: 0.15,
  irreversible: 0.3,
  unknown: 0.15,
};

/** How much of a finding's weight counts: a hazard in a call that changes nothing matters less than in one that cannot be undone. */
const EXPOSURE: Record<EffectsClass, number> = {
  none: 0.4,
  reversible: 0.75,
  compensable: 0.9,
  irreversible: 1,
  unknown: 0.9,
};

const SEVERITY_RISK: Record<Severity, number> = { low: 0.08, medium: 0.25, high: 0.55, critical: 0.88 };

/** However little an effects class exposes, a critical finding is for a person to look at: policy asks from 0.7 on. */
const LEAST_CRITICAL_RISK = 0.8;

/** Arguments above this size are rarely written by hand and cannot be read by an approver. */
const LARGE_ARGUMENTS_BYTES = 65_536;
const MANY_TARGETS = 20;

const SHELL_FINDINGS: Record<ShellHazardCode, readonly [Severity, string]> = {
  'shell.root_delete': ['critical', 'Deletes a whole home, system or working folder.'],
  'shell.recursive_delete': ['medium', 'Deletes a folder with everything below it.'],
  'shell.remote_code': ['critical', 'Runs code straight from the network.'],
  'shell.obfuscated_code': ['critical', 'Runs code that is hidden by an encoding.'],
  'shell.world_writable': ['high', 'Opens file permissions or ownership to others.'],
  'shell.privilege': ['high', 'Asks for another user’s rights.'],
  'shell.raw_device': ['critical', 'Writes to a raw device.'],
  'shell.format': ['critical', 'Formats or repartitions storage.'],
  'shell.fork_bomb': ['critical', 'Starts processes without end.'],
  'shell.force_push': ['high', 'Rewrites or deletes published history.'],
  'shell.discard_work': ['medium', 'Discards work that was not committed.'],
  'shell.upload': ['medium', 'Carries data out of the machine.'],
  'shell.reverse_shell': ['critical', 'Gives somebody outside a shell.'],
  'shell.persistence': ['high', 'Leaves something behind that runs later.'],
  'shell.hide_traces': ['high', 'Hides what was done.'],
  'shell.power': ['high', 'Stops or restarts the machine.'],
  'shell.firewall': ['high', 'Opens the firewall.'],
  'shell.mass_kill': ['medium', 'Ends processes it did not start.'],
};

/**
 * How much harm one proposed action could do, before the gate. Noisy-or over the effects class, findings and the run so far:
 * every further finding raises the risk or leaves it, and a
 * critical one lifts it to at least 0.8. `arguments` are read, never executed; evidence is at most 80 characters.
 */
export function assessAction(input: AssessmentInput): Assessment {
  const conduct = toolConduct(input.tool, input.arguments);
  const paths = [...new Set([...pathsIn(input.arguments), ...pathsIn({ target: input.target })])];
  const findings = [
    ...shellFindings(input),
    ...pathFindings(paths, conduct),
    ...deletionFindings(input, paths, conduct),
    ...flowFindings(input, conduct),
    ...sizeFindings(input, paths),
    ...runFindings(input),
  ];
  const exposure = EXPOSURE[input.effects];
  const kept = findings.reduce(
    (rest, { severity }) => rest * (1 - SEVERITY_RISK[severity] * exposure),
    1 - EFFECTS_RISK[input.effects],
  );
  const critical = findings.some(({ severity }) => severity === 'critical');
  return { risk: round(Math.max(1 - kept, critical ? LEAST_CRITICAL_RISK : 0)), findings };
}

function shellFindings(input: AssessmentInput): AssessmentFinding[] {
  if (!isShellTool(input.tool)) return [];
  return readShell(shellText(input.arguments)).hazards.map(({ code, evidence }) => {
    const [severity, sentence] = SHELL_FINDINGS[code];
    return { code, severity, sentence, evidence };
  });
}

function pathFindings(paths: string[], conduct: ToolConduct): AssessmentFinding[] {
  const changes = conduct.writes || conduct.destroys;
  const findings: AssessmentFinding[] = [];
  const secret = paths.find(isSecretPath);
  if (secret !== undefined)
    findings.push(
      finding('path.secret', changes ? 'high' : 'medium', 'Touches a path that usually holds secrets.', secret),
    );
  const protectedPath = paths.find(isProtectedPath);
  if (protectedPath !== undefined && changes)
    findings.push(
      finding(
        'path.protected',
        'high',
        'Changes a path that belongs to the system or to version control.',
        protectedPath,
      ),
    );
  const outside = paths.find(escapesWorkspace);
  if (outside !== undefined)
    findings.push(finding('path.outside', changes ? 'high' : 'medium', 'Names a path outside the workspace.', outside));
  return findings;
}

function deletionFindings(input: AssessmentInput, paths: string[], conduct: ToolConduct): AssessmentFinding[] {
  if (!conduct.destroys) return [];
  const findings: AssessmentFinding[] = [];
  if (input.arguments.recursive === true)
    findings.push(finding('delete.recursive', 'medium', 'Deletes everything below its target.', 'recursive: true'));
  // The target of a shell call is the folder it runs in, not what it deletes.
  const named = isShellTool(input.tool) ? readShell(shellText(input.arguments)).deletes : paths;
  const wide = named.find(isWideGlob) ?? named.find((path) => /^(?:\.|\.\/|\/|~\/?)?$/.test(path));
  if (wide !== undefined)
    findings.push(
      finding('delete.wide', 'high', 'Deletes by a pattern that takes a whole folder or everything.', wide || '(root)'),
    );
  if (
    /\b(?:drop\s+(?:table|database|schema)|truncate\s|delete\s+from\s+[\w."]+\s*(?:;|$))/i.test(
      queryText(input.arguments),
    )
  )
    findings.push(
      finding('delete.whole_table', 'critical', 'Deletes a whole table or database.', queryText(input.arguments)),
    );
  return findings;
}

const queryText = (args: Record<string, unknown>): string => {
  const text = args.sql ?? args.query ?? args.statement;
  return typeof text === 'string' ? text : '';
};

function flowFindings(input: AssessmentInput, conduct: ToolConduct): AssessmentFinding[] {
  const { taint } = input;
  const findings: AssessmentFinding[] = [];
  const secrets = secretsIn(JSON.stringify(input.arguments));
  if (secrets.length > 0)
    findings.push(
      finding(
        'argument.secret',
        conduct.sends ? 'critical' : 'high',
        'Carries a credential in its arguments.',
        secrets.join(', '),
      ),
    );
  if (conduct.sends && taint?.read_sensitive)
    findings.push(
      finding(
        'flow.sensitive_send',
        taint.read_untrusted ? 'critical' : 'high',
        'Sends something out after the run has read sensitive data.',
        input.tool,
      ),
    );
  if (taint?.read_untrusted && input.effects === 'irreversible')
    findings.push(
      finding(
        'flow.untrusted_influence',
        'medium',
        'Cannot be undone, in a run that has read untrusted content.',
        input.tool,
      ),
    );
  return findings;
}

function sizeFindings(input: AssessmentInput, paths: string[]): AssessmentFinding[] {
  const findings: AssessmentFinding[] = [];
  const characters = JSON.stringify(input.arguments).length;
  if (characters > LARGE_ARGUMENTS_BYTES)
    findings.push(
      finding(
        'size.arguments',
        'low',
        'Its arguments are too large to be read by a person.',
        `${characters} characters`,
      ),
    );
  if (paths.length > MANY_TARGETS)
    findings.push(finding('size.targets', 'medium', 'Acts on many targets at once.', `${paths.length} paths`));
  return findings;
}

function runFindings({ state }: AssessmentInput): AssessmentFinding[] {
  if (!state || (state.deviations === 0 && state.violations === 0)) return [];
  const evidence = `${state.violations} violations, ${state.deviations} deviations so far`;
  return [
    finding(
      'run.already_deviated',
      state.risk_score >= 0.7 ? 'high' : 'low',
      'The run has already left its contracts or broken a spec.',
      evidence,
    ),
  ];
}

const finding = (code: string, severity: Severity, sentence: string, evidence: string): AssessmentFinding => ({
  code,
  severity,
  sentence,
  evidence: evidence.slice(0, 80),
});

const round = (value: number): number => Math.round(value * 1e4) / 1e4;
