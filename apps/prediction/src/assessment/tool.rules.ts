import { readShell } from './shell.rules.js';

/** What one call does, judged by the tool's name and arguments. A call can do several. */
export interface ToolConduct {
  reads: boolean;
  writes: boolean;
  destroys: boolean;
  /** Carries something out of the control plane's reach: mail, message, post, upload, payment. */
  sends: boolean;
}

const READ =
  /^(?:get|list|read|search|find|fetch|query|describe|view|show|logs?|lookup|check|cat|head|grep|stat|count|inspect|retrieve|calculate|plan|validate|think)$/;
const WRITE =
  /^(?:write|patch|update|edit|create|set|add|put|apply|move|rename|copy|insert|modify|schedule|book|execute|install|deploy|restart|scale|enable|disable|grant|place|save|record|import|start|stop|reboot)$/;
const DESTROY =
  /^(?:delete|remove|drop|destroy|purge|truncate|terminate|wipe|erase|revoke|cancel|uninstall|unlink|rm|reset|clear|kill)$/;
const SEND =
  /^(?:send|email|mail|post|publish|notify|tweet|share|message|upload|transfer|forward|reply|broadcast|invite|pay|donate|dispatch|sms|webhook|push)$/;

/** `GmailSendEmail@v2`, `file.delete`, `send_message` as lower-case words, version dropped. */
export const toolWords = (tool: string): string[] =>
  tool
    .replace(/@v?\d+$/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);

export const bareTool = (tool: string): string => tool.replace(/@v?\d+$/, '');

export function toolConduct(tool: string, args: Record<string, unknown>): ToolConduct {
  const words = toolWords(tool);
  if (isShellTool(tool)) {
    const shell = readShell(shellText(args));
    return { reads: true, writes: true, destroys: shell.destroys, sends: shell.sends };
  }
  if (words.includes('http') || words.includes('request')) {
    const method = typeof args.method === 'string' ? args.method.toUpperCase() : 'GET';
    const passive = method === 'GET' || method === 'HEAD';
    return { reads: passive, writes: !passive, destroys: method === 'DELETE', sends: !passive && method !== 'DELETE' };
  }
  const some = (pattern: RegExp): boolean => words.some((word) => pattern.test(word));
  // "search_messages", "GetEmail": the first verb rules when it reads, whatever the nouns behind it look like.
  const verb = words.find((word) => READ.test(word) || WRITE.test(word) || DESTROY.test(word) || SEND.test(word));
  if (verb !== undefined && READ.test(verb)) return { reads: true, writes: false, destroys: false, sends: false };
  return { reads: false, writes: some(WRITE), destroys: some(DESTROY), sends: some(SEND) };
}

export const isShellTool = (tool: string): boolean => {
  const words = toolWords(tool);
  return ['shell', 'bash', 'sh', 'terminal', 'exec'].some((name) => words.includes(name)) && !words.includes('read');
};

/** The command of a shell call: `argv` (each word quoted again, so it stays one word) or `script`/`command`. */
export function shellText(args: Record<string, unknown>): string {
  const { argv } = args;
  if (Array.isArray(argv)) return argv.map((word) => `'${String(word).replaceAll("'", `'\\''`)}'`).join(' ');
  for (const key of ['script', 'command', 'commands', 'cmd', 'code', 'input']) {
    const value = args[key];
    if (typeof value === 'string') return value;
  }
  return '';
}
