const PATH_KEY =
  /^(?:path|paths|file|files|filename|file_?path|dir|directory|folder|source|src|destination|dest|dst|from|to|glob|pattern|patterns|target|cwd)$/i;
const LOOKS_LIKE_PATH = /^(?:~|\.{1,2})?\/?[\w.@+*?{},[\]-]+(?:\/[\w.@+*?{},[\] -]*)*$/;
const WILDCARD = /[*?[{]/;

const SECRET_PATH =
  /(?:^|\/)(?:\.env(?:\.[\w-]+)?|\.npmrc|\.pypirc|\.netrc|\.pgpass|\.git-credentials|id_(?:rsa|dsa|ecdsa|ed25519)|[\w.-]*\.(?:pem|key|p12|pfx|keystore|jks|kdbx)|credentials(?:\.\w+)?|secrets?(?:\.\w+)?|passwords?(?:\.\w+)?|shadow|htpasswd|\.ssh|\.aws|\.gnupg|\.kube|\.docker\/config\.json)(?:\/|$)/i;
const PROTECTED_PATH =
  /^(?:\/|\/(?:bin|boot|dev|etc|lib|lib64|proc|root|run|sbin|srv|sys|usr|var|home|opt)(?:\/.*)?|~\/?|\$\{?HOME\}?\/?)$|(?:^|\/)(?:\.git|\.ssh|\.github\/workflows)(?:\/|$)/;

/** Forward slashes, no `.` segments, no trailing slash; `''` is the root of the workspace, `..` that cannot be resolved stays. */
export function normalizePath(path: string): string {
  const absolute = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.replaceAll('\\', '/').split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !absolute) parts.push(part);
  }
  return (absolute ? '/' : '') + parts.join('/');
}

/** The path and every folder above it, nearest first; the last one is `''` (or `/`). */
export function ancestors(path: string): string[] {
  const list = [path];
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) list.push(path.slice(0, at));
  const root = path.startsWith('/') ? '/' : '';
  if (list.at(-1) !== root) list.push(root);
  return list;
}

/** The part of a glob before its first wildcard segment: `build/**` is `build`. */
export function fixedPrefix(pattern: string): string {
  const parts = pattern.split('/');
  const wild = parts.findIndex((part) => WILDCARD.test(part));
  return normalizePath(wild < 0 ? pattern : parts.slice(0, wild).join('/') || (pattern.startsWith('/') ? '/' : ''));
}

/** Everything the arguments name that reads as a path, as written; at most 64, found under path-like keys at any depth. */
export function pathsIn(args: unknown, limit = 64): string[] {
  const found: string[] = [];
  const visit = (value: unknown, named: boolean, depth: number): void => {
    if (found.length >= limit || depth > 6) return;
    if (typeof value === 'string') {
      if (named && value.length <= 4096 && LOOKS_LIKE_PATH.test(value)) found.push(value);
    } else if (Array.isArray(value)) for (const item of value) visit(item, named, depth + 1);
    else if (value !== null && typeof value === 'object')
      for (const [key, item] of Object.entries(value)) visit(item, PATH_KEY.test(key), depth + 1);
  };
  visit(args, false, 0);
  return found;
}

export const isSecretPath = (path: string): boolean => SECRET_PATH.test(path);
export const isProtectedPath = (path: string): boolean =>
  PROTECTED_PATH.test(path.length > 1 ? path.replace(/\/$/, '') : path);
export const escapesWorkspace = (path: string): boolean =>
  /^(?:\/|~|\$)/.test(path) || normalizePath(path).startsWith('..');

/** True for a glob that takes everything below some folder, or everything at the root. */
export const isWideGlob = (pattern: string): boolean =>
  /(?:^|\/)\*\*(?:\/|$)|^\*$|^\.?\/?\*(?:\.\*)?$|\/\*$/.test(pattern);
