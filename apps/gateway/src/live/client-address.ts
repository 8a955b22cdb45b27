import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

const plain = (address: string): string => address.trim().replace(/^::ffff:(?=\d+\.)/i, '');

/** Where requests come from that Fastify does not see: the peer, or whom the trusted proxies before us name. */
export class ClientAddresses {
  private readonly trusted = new BlockList();

  /** @param proxies addresses and CIDR ranges whose `X-Forwarded-For` is believed */
  constructor(proxies: readonly string[]) {
    for (const proxy of proxies) {
      const [address = '', bits] = proxy.split('/', 2);
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (isIP(address) === 0) continue;
      if (bits === undefined) this.trusted.addAddress(address, family);
      else this.trusted.addSubnet(address, Number(bits), family);
    }
  }

  /** The nearest address that is no trusted proxy; each proxy appends whom it heard from. */
  of(request: Pick<IncomingMessage, 'headers' | 'socket'>): string {
    const header = [request.headers['x-forwarded-for'] ?? []].flat().join(',');
    const hops = [...header.split(',').map(plain).filter(Boolean), plain(request.socket.remoteAddress ?? '')].reverse();
    return hops.find((hop) => !this.isProxy(hop)) ?? hops.at(-1)!;
  }

  /** True for a proxy that is trusted. */
  isProxy(address: string): boolean {
    const peer = plain(address);
    const version = isIP(peer);
    return version !== 0 && this.trusted.check(peer, version === 6 ? 'ipv6' : 'ipv4');
  }
}
