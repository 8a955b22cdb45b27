import type { executor } from '#contracts';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';

/** Who follows what, from where on. */
export interface Following {
  url: string;
  token: string;
  execution: string;
  /** The last sequence number the follower has. */
  after: number;
}

export interface Hearing {
  frame: (frame: executor.Frame) => void;
  /** The connection is gone, whoever ended it, and why when it was refused. */
  gone: (refused?: string) => void;
}

/** Cuts the connection without a word, as a lost network does. */
export type Cut = () => void;

export type Channel = (following: Following, hearing: Hearing) => Cut;

const FRAME_EVENTS = ['status_update', 'step_update', 'risk_update', 'completion'];
const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });

const webSocket: Channel = ({ url, token, execution, after }, { frame, gone }) => {
  const address = `${url.replace('http', 'ws')}/ws/${execution}?after=${after}`;
  const socket = new WebSocket(address, { headers: bearer(token) });
  let refused: string | undefined;
  socket.on('message', (data) => frame(JSON.parse(String(data))));
  socket.on('unexpected-response', (_request, { statusCode }) => {
    refused = `status ${statusCode}`;
    socket.terminate();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => gone(refused));
  return () => socket.terminate();
};

const socketIo: Channel = ({ url, token, execution, after }, { frame, gone }) => {
  const socket = io(url, {
    transports: ['websocket'],
    extraHeaders: bearer(token),
    forceNew: true,
    reconnection: false,
  });
  socket.on('connect', () => socket.emit('join_execution', { execution_id: execution, after }));
  FRAME_EVENTS.forEach((event) => socket.on(event, frame));
  socket.on('error', (problem: { code: string }) => {
    gone(problem.code);
    socket.disconnect();
  });
  socket.on('connect_error', (error) => gone(error.message));
  socket.on('disconnect', () => gone());
  return () => {
    // No farewell of the protocol: the transport itself breaks.
    const { transport } = socket.io.engine as unknown as { transport: { ws?: WebSocket } };
    if (transport.ws?.terminate) transport.ws.terminate();
    else socket.io.engine.close();
  };
};

const EVENT_END = '\n\n';

const eventStream: Channel = ({ url, token, execution, after }, { frame, gone }) => {
  const abort = new AbortController();
  const headers = { ...bearer(token), accept: 'text/event-stream', 'last-event-id': String(after) };
  const read = async (): Promise<string | undefined> => {
    const answer = await fetch(`${url}/api/executions/${execution}/stream`, { headers, signal: abort.signal });
    if (!answer.ok) return `status ${answer.status}`;
    let text = '';
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end = text.indexOf(EVENT_END); end >= 0; end = text.indexOf(EVENT_END)) {
        const event = text.slice(0, end);
        text = text.slice(end + EVENT_END.length);
        const type = /^event: ?(.*)$/m.exec(event)?.[1] ?? '';
        const data = /^data: ?(.*)$/m.exec(event)?.[1];
        if (data && FRAME_EVENTS.includes(type)) frame(JSON.parse(data));
      }
    }
    return undefined;
  };
  read().then(gone, () => gone());
  return () => abort.abort();
};

export const CHANNELS = {
  'raw WebSocket': webSocket,
  'Socket.IO': socketIo,
  SSE: eventStream,
} as const satisfies Record<string, Channel>;
export type ChannelName = keyof typeof CHANNELS;
