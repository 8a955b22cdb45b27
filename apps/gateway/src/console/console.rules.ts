/** What belongs to the interface; everything else that a browser opens as a page is the console's own routing. */
const INTERFACE = /^\/(api|ws|v1|mcp|loop|socket\.io|assets|health|livez|readyz|metrics)(\/|$)/;
const FILE = /\.[a-z0-9]+$/i;

/** Whether this request opens a page of the console: `/`, `/executions/…`, and never anything a program asks for. */
export const isPage = (request: { method: string; path: string; accept: string | undefined }): boolean =>
  (request.method === 'GET' || request.method === 'HEAD') &&
  (request.accept?.includes('text/html') ?? false) &&
  !INTERFACE.test(request.path) &&
  !FILE.test(request.path);

const NONCE = '__CSP_NONCE__';

export const pageWith = (template: string, nonce: string): string => template.replaceAll(NONCE, nonce);

/**
 * The page's content policy: scripts and styles are files of this host. Styles that the component library adds at run
 * time carry the nonce of this answer.
 */
export const pagePolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
