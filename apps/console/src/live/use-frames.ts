import type { Frame } from '#client/browser';
import { useEffect, useEffectEvent } from 'react';
import { FrameOrder } from './frame-order.js';
import { live } from './socket.js';

const FRAME_EVENTS = ['status_update', 'step_update', 'risk_update', 'completion'] as const;

/**
 * Gives every frame of an execution after `after` to `onFrame`, once each and in order, over reconnects; `after` null
 * waits. A changed `after` starts again from there.
 */
export const useFrames = (executionId: string, after: number | null, onFrame: (frame: Frame) => void): void => {
  const give = useEffectEvent(onFrame);
  useEffect(() => {
    if (after === null) return;
    const { socket } = live;
    const order = new FrameOrder(after);
    const join = (): void => void socket.emit('join_execution', { execution_id: executionId, after: order.after });
    const hear = (frame: Frame): void => {
      if (frame.execution_id !== executionId) return;
      const turn = order.take(frame.seq);
      if (turn === 'next') give(frame);
      if (turn === 'gap') join();
    };
    FRAME_EVENTS.forEach((event) => socket.on(event, hear));
    socket.on('connect', join);
    if (socket.connected) join();
    return () => {
      FRAME_EVENTS.forEach((event) => socket.off(event, hear));
      socket.off('connect', join);
      if (socket.connected) socket.emit('leave_execution', executionId);
    };
  }, [executionId, after]);
};
