export { Bus } from './bus.js';
export { BusServer } from './bus-server.js';
export { ErrorFilter } from './error.filter.js';
export { Handles, type Heard, Hears, hearingsOf, type RpcHandlers } from './handles.js';
export { Inbox } from './inbox.js';
export { Loop } from './loop.js';
export { Relay } from './relay.js';
export { FACTS_STREAM, MAX_DELIVERIES, prepareStream } from './stream.js';
export { fromWireError, toWireError, type WireError } from './wire.js';
