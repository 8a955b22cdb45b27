import { digestOf, type JsonValue } from '#kernel';
import { type Change, diffManifests, WorkspaceHold, WorkspaceRoot } from '#snapshots';
import { judge, makeContract } from '../../contract/contract.rules.js';
import type { Expectation, Verdict } from '../../contract/contract.types.js';
import { newPlace, type Place } from '../../sandbox/test/workspace.js';
import type { ToolEnvironment, ToolResult } from '../tool.js';
import { ToolRegistry } from '../tool.registry.js';

export interface Performed {
  result: ToolResult;
  verdict: Verdict;
  /** `<change> <path>`, as the workspace itself shows. */
  changes: string[];
}

/** Tools on a real folder, each call judged by its own contract. */
export interface Workbench {
  place: Place;
  root: WorkspaceRoot;
  registry: ToolRegistry;
  perform(tool: string, args: object, more?: { expect?: Expectation; signal?: AbortSignal }): Promise<Performed>;
}

const unused = async (): Promise<never> => {
  throw new Error('looking at a folder stores nothing');
};
const limits = { maxFiles: 1_000, maxBytes: 2 ** 30, maxFileBytes: 2 ** 28 };

export async function newWorkbench(): Promise<Workbench> {
  const place = await newPlace();
  const root = await WorkspaceRoot.open(place.workspace, { roots: [place.outside], refuse: [] });
  const folder = new WorkspaceHold(root, { put: unused, has: unused, get: unused }, limits);
  const registry = new ToolRegistry();
  const perform: Workbench['perform'] = async (id, args, { expect, signal } = {}) => {
    const { tool } = registry.get(id);
    const parsed = registry.parse(id, args);
    const effect = tool.effect(parsed);
    const contract = makeContract({ tool: id, args_digest: digestOf(args as JsonValue), effect }, expect);
    const environment: ToolEnvironment = {
      root,
      sandbox: place.sandbox,
      signal: signal ?? new AbortController().signal,
      idempotency_key: 'of a test',
    };
    const before = await folder.observe();
    const options = { timeoutMs: 20_000, outputBytes: 65_536, exitCodes: contract.exit_codes };
    const result = await tool.run(parsed, environment, options);
    const after = await folder.observe();
    const changes: Change[] = diffManifests(before, after);
    return {
      result,
      verdict: judge(contract, { before, after, changes, tool_ok: result.ok }),
      changes: changes.map(({ path, change }) => `${change} ${path}`),
    };
  };
  return { place, root, registry, perform };
}
