import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** The wire between a browser and a suite, which a test cuts and mends. */
export class Network {
  private readonly sockets = new Set<Socket>();
  private isUp = true;

  private constructor(
    private readonly server: Server,
    /** Where the suite is behind it. */
    readonly url: string,
  ) {}

  static async open(suite: string): Promise<Network> {
    const { port, hostname } = new URL(suite);
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const network = new Network(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('connection', (near) => network.join(near, () => connect(Number(port), hostname)));
    return network;
  }

  private join(near: Socket, reach: () => Socket): void {
    if (!this.isUp) return void near.resetAndDestroy();
    const far = reach();
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }

  /** Ends every connection and refuses new ones. */
  cut(): void {
    this.isUp = false;
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  mend(): void {
    this.isUp = true;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((closed) => this.server.close(closed));
  }
}
