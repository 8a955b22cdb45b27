import { inSpan } from '#telemetry';
import type { IncomingMessage } from 'node:http';
import type { Channel } from './connections.js';

const ROUTES: Readonly<Record<Exclude<Channel, 'sse'>, string>> = {
  ws: '/ws/:execution_id',
  socket_io: '/socket.io',
};

/** The opening of a socket, in the trace its client names or in a new one; the socket's later questions belong to it. */
export const openingSocket = <T>(
  channel: keyof typeof ROUTES,
  request: IncomingMessage,
  open: () => Promise<T>,
): Promise<T> =>
  inSpan(
    {
      service: 'gateway',
      name: `GET ${ROUTES[channel]}`,
      kind: 'server',
      parent: request.headers.traceparent as string | undefined,
      begins: true,
      attributes: {
        'http.request.method': 'GET',
        'http.route': ROUTES[channel],
        'network.protocol.name': 'websocket',
        'spectrace.live.channel': channel,
      },
    },
    open,
  );
