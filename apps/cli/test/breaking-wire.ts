import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A wire to a server that can be torn: what is open breaks, and so do the next attempts to open another. */
export class BreakingWire {
  private readonly open = new Set<Socket>();
  private refusals = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    server.on('connection', (socket) => this.join(socket));
  }

  static async to(url: string): Promise<BreakingWire> {
    const server = createServer();
    const wire = new BreakingWire(server, new URL(url));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return wire;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** @param refusals how many connections break at once after this one */
  tear(refusals: number): void {
    this.refusals = refusals;
    for (const socket of this.open) socket.destroy();
  }

  async close(): Promise<void> {
    this.tear(0);
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(near: Socket): void {
    if (this.refusals > 0) {
      this.refusals -= 1;
      near.destroy();
      return;
    }
    const far = connect(Number(this.target.port), this.target.hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.open.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.open.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
