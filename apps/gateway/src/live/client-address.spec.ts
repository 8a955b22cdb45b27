import { describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { ClientAddresses } from './client-address.js';

const from = (remoteAddress: string, forwarded?: string): Pick<IncomingMessage, 'headers' | 'socket'> =>
  ({ headers: { 'x-forwarded-for': forwarded }, socket: { remoteAddress } }) as never;

describe('the address of a client', () => {
  const none = new ClientAddresses([]);
  const some = new ClientAddresses(['10.0.0.0/8', '127.0.0.1', 'fd00::/8', 'nonsense']);

  it.each([
    ['the peer, whatever it claims, when no proxy is trusted', none, from('10.1.1.1', '1.2.3.4'), '10.1.1.1'],
    ['the peer, when it is no proxy of ours', some, from('9.9.9.9', '1.2.3.4'), '9.9.9.9'],
    ['whom a trusted proxy names', some, from('10.1.1.1', '1.2.3.4'), '1.2.3.4'],
    ['whom the outermost trusted proxy names', some, from('127.0.0.1', '1.2.3.4, 10.2.2.2'), '1.2.3.4'],
    ['never what the client put in front', some, from('10.1.1.1', '6.6.6.6, 1.2.3.4'), '1.2.3.4'],
    ['an IPv4 address in IPv6 clothes', some, from('::ffff:127.0.0.1', '1.2.3.4'), '1.2.3.4'],
    ['behind an IPv6 proxy', some, from('fd00::1', '2001:db8::7'), '2001:db8::7'],
    ['what is no address counts as one', some, from('10.1.1.1', 'unknown'), 'unknown'],
    ['the last proxy, when there are only proxies', some, from('127.0.0.1', '10.1.1.1'), '10.1.1.1'],
    ['the peer, when the proxy names nobody', some, from('127.0.0.1'), '127.0.0.1'],
  ])('%s', (_what, addresses, request, address) => {
    expect(addresses.of(request)).toBe(address);
  });
});
