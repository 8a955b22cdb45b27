const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

/** The nonce of this page's content policy: the only styles let in beside our files carry it. */
export const styleNonce = (): string => nonce;

// What locks scrolling behind a modal asks for the nonce by this name.
Object.assign(globalThis, { __webpack_nonce__: nonce });
