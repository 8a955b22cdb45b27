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
    return hops.find((hop) => !this.isTrusted(hop)) ?? hops.at(-1)!;
  }

  private isTrusted(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.trusted.check(address, version === 6 ? 'ipv6' : 'ipv4');
  }
}
