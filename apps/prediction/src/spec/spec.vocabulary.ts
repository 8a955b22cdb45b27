import { Environment } from '@marcbachmann/cel-js';
import { claimsCheck } from '../analysis/claim.rules.js';
import { fixedPrefix, isSecretPath, pathsIn } from '../assessment/path.rules.js';
import { secretsIn } from '../assessment/secret.rules.js';
import { readShell } from '../assessment/shell.rules.js';
import { isShellTool, shellText, toolConduct } from '../assessment/tool.rules.js';

/** CEL hands a map over as it was given: the arguments of the call. */
type Arguments = Record<string, unknown>;

/** The words a spec's conditions may use: the fields of `TraceEvent` and these functions. Unknown names do not compile. */
export function specVocabulary(): Environment {
  const conduct = (does: keyof ReturnType<typeof toolConduct>) => (tool: string, args: Arguments) =>
    toolConduct(tool, args)[does];
  return new Environment({ homogeneousAggregateLiterals: false, limits: { maxAstNodes: 500, maxDepth: 32 } })
    .registerVariable('kind', 'string')
    .registerVariable('step', 'int')
    .registerVariable('tool', 'string')
    .registerVariable('arguments', 'map')
    .registerVariable('call', 'string')
    .registerVariable('ok', 'bool')
    .registerVariable('output', 'string')
    .registerVariable('error', 'string')
    .registerVariable('verdict', 'string')
    .registerVariable('deviations', 'list')
    .registerVariable('thought', 'string')
    .registerVariable('observation', 'string')
    .registerVariable('final_answer', 'string')
    .registerVariable('taint', 'map')
    .registerFunction('secrets(string): list<string>', secretsIn, { description: 'Kinds of credential in a text.' })
    .registerFunction('paths(map): list<string>', (args: Arguments) => pathsIn(args).map(fixedPrefix), {
      description: 'Paths the arguments name, normalised; of a glob the part before its first wildcard.',
    })
    .registerFunction('secret_path(string): bool', isSecretPath, {
      description: 'Whether a path usually holds secrets.',
    })
    .registerFunction('reads(string, map): bool', conduct('reads'), { description: 'Whether a call reads.' })
    .registerFunction('writes(string, map): bool', conduct('writes'), {
      description: 'Whether a call changes something.',
    })
    .registerFunction('destroys(string, map): bool', conduct('destroys'), {
      description: 'Whether a call deletes something.',
    })
    .registerFunction('sends(string, map): bool', conduct('sends'), {
      description: 'Whether a call carries something outside.',
    })
    .registerFunction(
      'shell_hazards(string, map): list<string>',
      (tool: string, args: Arguments) =>
        isShellTool(tool) ? readShell(shellText(args)).hazards.map(({ code }) => code) : [],
      { description: 'Codes of the hazards in a shell call.' },
    )
    .registerFunction('claims_check(string): bool', claimsCheck, {
      description: 'Whether a text says that something was checked, tested or verified.',
    });
}
