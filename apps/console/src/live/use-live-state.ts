import { useSyncExternalStore } from 'react';
import { live, type LiveState } from './socket.js';

export const useLiveState = (): LiveState => useSyncExternalStore(live.subscribe, live.state);
