import type { ShellHazard, ShellHazardCode } from './assessment.types.js';

/** One simple command: its words without quotes, and whether its input is the output of the command before it. */
interface Command {
  words: string[];
  piped: boolean;
  /** Files it redirects its output to. */
  into: string[];
}

export interface ShellReading {
  hazards: ShellHazard[];
  destroys: boolean;
  /** What its deleting commands name, as written. */
  deletes: string[];
  sends: boolean;
}

const MAX_SCRIPT = 65_536;
const MAX_NESTING = 4;
const SHELLS = new Set(['sh', 'bash', 'zsh', 'dash', 'ksh', 'ash']);
const INTERPRETERS = new Set([...SHELLS, 'python', 'python3', 'perl', 'ruby', 'node', 'php']);
const DELETERS = new Set(['rm', 'rmdir', 'unlink', 'shred', 'truncate']);
const WRAPPERS = new Set([
  'env',
  'nohup',
  'nice',
  'time',
  'timeout',
  'xargs',
  'setsid',
  'stdbuf',
  'exec',
  'command',
  'builtin',
  'busybox',
  'ionice',
  'watch',
]);
const ROOTS =
  /^(?:\/|\/\*|~|~\/?\*?|\$\{?HOME\}?\/?\*?|\/(?:bin|boot|etc|home|lib|opt|root|sbin|usr|var)\/?\*?|\.\.\/?|\*|\.\/\*|\.)$/;
const DEVICE = /^\/dev\/(?:sd|hd|vd|xvd|nvme|mmcblk|mem|disk)/;

/**
 * What a shell text would do, as far as it can be read without running it. Quotes, backslashes, pipes, lists, wrappers
 * (`sudo`, `env`, `xargs` …), `sh -c '…'` and command substitution are followed to a depth of four; text beyond 64 KiB is not
 * read and is itself a hazard.
 */
export function readShell(script: string): ShellReading {
  const hazards: ShellHazard[] = [];
  const add = (code: ShellHazardCode, words: string[]): void => {
    if (!hazards.some((known) => known.code === code)) hazards.push({ code, evidence: words.join(' ').slice(0, 80) });
  };
  const deletes: string[] = [];
  let destroys = false;
  let sends = false;
  if (script.length > MAX_SCRIPT) add('shell.obfuscated_code', [`script of ${script.length} characters`]);
  const visit = (text: string, depth: number): void => {
    if (/:\s*\(\s*\)\s*\{[^}]*:\s*\|\s*:/.test(text)) add('shell.fork_bomb', [text]);
    const commands = splitCommands(text);
    commands.forEach((command, index) => {
      for (const file of command.into) {
        if (DEVICE.test(file)) add('shell.raw_device', [...command.words, '>', file]);
        if (file.startsWith('/dev/tcp/')) add('shell.reverse_shell', [...command.words, '>', file]);
      }
      const words = unwrap(command.words, add);
      const [name = ''] = words;
      const program = name.slice(name.lastIndexOf('/') + 1);
      if (command.piped && INTERPRETERS.has(program)) pipedCode(pipeline(commands, index), words, add);
      const effect = judgeCommand(program, words, add);
      destroys ||= effect === 'destroys';
      deletes.push(...deletedBy(program, words));
      sends ||= effect === 'sends';
      if (depth < MAX_NESTING) for (const inner of innerScripts(program, words)) visit(inner, depth + 1);
    });
  };
  visit(script.slice(0, MAX_SCRIPT), 0);
  return { hazards, destroys, deletes, sends };
}

/** Everything that feeds the command at `index` through pipes. */
function pipeline(commands: Command[], index: number): Command[] {
  let start = index;
  while (start > 0 && commands[start]!.piped) start--;
  return commands.slice(start, index);
}

type Add = (code: ShellHazardCode, words: string[]) => void;

function pipedCode(feeding: Command[], words: string[], add: Add): void {
  const all = feeding.flatMap((command) => command.words);
  const text = [...all, '|', ...words];
  if (all.some((word) => /(?:^|\/)(?:curl|wget|fetch|nc)$/.test(word))) add('shell.remote_code', text);
  if (all.some((word) => /(?:^|\/)(?:base64|base32|xxd|openssl|rev|gunzip|tr)$/.test(word)))
    add('shell.obfuscated_code', text);
}

/** Removes `sudo`, `env A=b`, `timeout 5`, `xargs -0` … in front of the real command. */
function unwrap(words: string[], add: Add): string[] {
  let rest = words;
  for (let guard = 0; guard < 8; guard++) {
    const first = rest[0]?.slice(rest[0].lastIndexOf('/') + 1) ?? '';
    const privileged = first === 'sudo' || first === 'doas' || first === 'pkexec' || first === 'su';
    if (privileged) add('shell.privilege', rest);
    if (!privileged && !WRAPPERS.has(first) && !/^\w+=/.test(rest[0] ?? '')) return rest;
    let at = 1;
    while (at < rest.length && /^(?:-|\w+=|\d+[smhd]?$)/.test(rest[at]!)) at++;
    rest = rest.slice(at);
  }
  return rest;
}

function innerScripts(program: string, words: string[]): string[] {
  const scripts = words.flatMap((word) =>
    [...word.matchAll(/\$\(([^()]{1,4096})\)|`([^`]{1,4096})`/g)].map((m) => m[1] ?? m[2] ?? ''),
  );
  if (SHELLS.has(program) || program === 'su') {
    const flag = words.findIndex((word) => /^-[a-z]*c$/.test(word));
    if (flag > 0 && words[flag + 1] !== undefined) scripts.push(words[flag + 1]!);
  }
  if (program === 'eval') scripts.push(words.slice(1).join(' '));
  if (program === 'find') {
    const exec = words.findIndex((word) => /^-(?:exec|execdir|ok)$/.test(word));
    if (exec > 0)
      scripts.push(
        words
          .slice(exec + 1)
          .filter((word) => word !== '{}' && word !== ';' && word !== '+')
          .join(' '),
      );
  }
  return scripts;
}

const flagged = (words: string[], short: string, long: string): boolean =>
  words.some((word) => word === `--${long}` || (/^-[A-Za-z]+$/.test(word) && word.includes(short)));

/** The targets of one deleting command; a `find` with a filter names none. */
function deletedBy(program: string, words: string[]): string[] {
  const rest = words.slice(1);
  if (DELETERS.has(program)) return rest.filter((word) => !word.startsWith('-'));
  if (program !== 'find' || !rest.includes('-delete')) return [];
  if (rest.some((word) => /^-i?(?:name|path|wholename|regex)$/.test(word))) return [];
  const options = rest.findIndex((word) => word.startsWith('-'));
  return options > 0 ? rest.slice(0, options) : ['.'];
}

function judgeCommand(program: string, words: string[], add: Add): 'destroys' | 'sends' | 'other' {
  const rest = words.slice(1);
  if (DELETERS.has(program)) {
    const targets = rest.filter((word) => !word.startsWith('-'));
    if (program === 'rm' && (flagged(rest, 'r', 'recursive') || flagged(rest, 'R', 'recursive'))) {
      add('shell.recursive_delete', words);
      if (rest.includes('--no-preserve-root') || targets.some((target) => ROOTS.test(target)))
        add('shell.root_delete', words);
    }
    return 'destroys';
  }
  if (program === 'find' && rest.includes('-delete')) {
    add('shell.recursive_delete', words);
    return 'destroys';
  }
  if (program === 'git') return judgeGit(words, add);
  if (program === 'dd' || program === 'wipefs' || program === 'blkdiscard') {
    if (program !== 'dd' || rest.some((word) => /^of=\/dev\//.test(word) && !/^of=\/dev\/(?:null|stdout)$/.test(word)))
      add('shell.raw_device', words);
    return 'destroys';
  }
  if (/^mkfs(?:\.|$)|^(?:fdisk|parted|mkswap)$/.test(program)) {
    add('shell.format', words);
    return 'destroys';
  }
  return judgeNetwork(program, words, add) ? 'sends' : (judgeSystem(program, words, add), 'other');
}

function judgeGit(words: string[], add: Add): 'destroys' | 'sends' | 'other' {
  const [, verb = ''] = words.filter((word) => !word.startsWith('-'));
  if (verb === 'push') {
    if (words.some((word) => /^(?:--force(?:-with-lease)?|-f|--mirror|--delete)$/.test(word) || /^\+\S/.test(word)))
      add('shell.force_push', words);
    return 'sends';
  }
  const hard = verb === 'reset' && words.includes('--hard');
  const clean = verb === 'clean' && words.some((word) => /^-[a-z]*f|^--force$/.test(word));
  if (!hard && !clean) return 'other';
  add('shell.discard_work', words);
  return 'destroys';
}

/** True when the command carries data out of the machine. */
function judgeNetwork(program: string, words: string[], add: Add): boolean {
  const line = words.join(' ');
  if (/^(?:nc|ncat|netcat|socat)$/.test(program) && /(?:^| )(?:-[a-z]*[ec]|exec:|system:)/i.test(line))
    add('shell.reverse_shell', words);
  if (/\/dev\/tcp\//.test(line)) add('shell.reverse_shell', words);
  const curlSends =
    program === 'curl' && /(?:^| )(?:-d|-F|-T|--data\S*|--form|--upload-file|--json|-X ?(?:POST|PUT|PATCH))/.test(line);
  const wgetSends = program === 'wget' && /--(?:post|body)-(?:data|file)/.test(line);
  const copies = /^(?:scp|rsync|sftp|ftp|rclone)$/.test(program) && /(?:^| )[^ /]+:/.test(line);
  const mails = /^(?:mail|mailx|sendmail|mutt)$/.test(program);
  if (curlSends || wgetSends || copies || mails) add('shell.upload', words);
  return curlSends || wgetSends || copies || mails;
}

function judgeSystem(program: string, words: string[], add: Add): void {
  const line = words.join(' ');
  if (
    program === 'chmod' &&
    /(?:^| )(?:0?777|a\+[rwx]*w|o\+[rwx]*w|\+s|[ug]\+[rwx]*s|[2467][0-7]{3})(?: |$)/.test(line)
  )
    add('shell.world_writable', words);
  if (program === 'chown' && / -[a-z]*R/i.test(line)) add('shell.world_writable', words);
  if (program === 'kill' && words.includes('-1') && words.indexOf('-1') > 1) add('shell.mass_kill', words);
  if (program === 'killall' || program === 'pkill') add('shell.mass_kill', words);
  if (/^(?:shutdown|reboot|poweroff|halt)$/.test(program)) add('shell.power', words);
  if (/^(?:iptables|nft|ufw)$/.test(program) && /(?:^| )(?:-F|--flush|flush|disable)(?: |$)/.test(line))
    add('shell.firewall', words);
  if (program === 'crontab' && !words.includes('-l')) add('shell.persistence', words);
  if (
    /(?:^|\/)(?:authorized_keys|\.bashrc|\.profile|cron\.d\/|systemd\/system\/)/.test(line) &&
    /^(?:tee|cp|mv|echo|printf|install|ln|sed)$/.test(program)
  )
    add('shell.persistence', words);
  if (program === 'history' && words.includes('-c')) add('shell.hide_traces', words);
  if (/(?:^| )(?:unset HISTFILE|HISTFILE=\/dev\/null)/.test(line)) add('shell.hide_traces', words);
}

/** Splits at `|`, `;`, `&`, newlines and parentheses outside quotes; a lexer, not a parser: here-documents read as commands. */
function splitCommands(text: string): Command[] {
  const commands: Command[] = [];
  let current: Command = { words: [], piped: false, into: [] };
  let word: string | null = null;
  let redirect = false;
  const endWord = (): void => {
    if (word === null) return;
    if (redirect) current.into.push(word);
    else current.words.push(word);
    word = null;
    redirect = false;
  };
  const endCommand = (piped: boolean): void => {
    endWord();
    if (current.words.length > 0 || current.into.length > 0) commands.push(current);
    current = { words: [], piped, into: [] };
  };
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '\\') word = (word ?? '') + (text[++i] ?? '');
    else if (char === "'" || char === '"') {
      const end = closingQuote(text, i, char);
      const quoted = text.slice(i + 1, end);
      // Nothing is substituted between single quotes: break the marks, so that nobody reads them as substitutions.
      word =
        (word ?? '') +
        (char === '"' ? quoted.replace(/\\(["\\$`])/g, '$1') : quoted.replaceAll('$(', '$ (').replaceAll('`', ' '));
      i = end;
    } else if (char === '$' && text[i + 1] === '(') {
      const end = closingParenthesis(text, i + 1);
      word = (word ?? '') + text.slice(i, end + 1);
      i = end;
    } else if (/\s/.test(char) && char !== '\n') endWord();
    else if (char === '>') {
      endWord();
      redirect = true;
    } else if (char === '|' || char === ';' || char === '&' || char === '\n' || char === '(' || char === ')') {
      const or = char === '|' && text[i + 1] === '|';
      endCommand(char === '|' && !or);
      if (or || (char === '&' && text[i + 1] === '&')) i++;
    } else if (char === '#' && word === null) {
      const end = text.indexOf('\n', i);
      i = end < 0 ? text.length : end - 1;
    } else word = (word ?? '') + char;
  }
  endCommand(false);
  return commands;
}

function closingQuote(text: string, start: number, quote: string): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\' && quote === '"') i++;
    else if (text[i] === quote) return i;
  }
  return text.length;
}

function closingParenthesis(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) return i;
  }
  return text.length;
}
