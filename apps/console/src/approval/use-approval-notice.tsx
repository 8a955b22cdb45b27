import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { Approval } from '#client/browser';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent } from 'react';
import { api } from '../data/api.js';
import type { Hint } from '../data/keys.js';
import { live } from '../live/socket.js';
import { useMay, useMe } from '../session/use-me.js';
import { WishSentence } from './approval-action.js';
import { showDesktopNotice } from './desktop-notice.js';
import { approvalKey } from './use-approvals.js';

const SHOWN_MS = 30_000;

const noticeId = (id: string): string => `approval ${id}`;

const Notice = ({ approval, review }: { approval: Approval; review: () => void }) => (
  <Group justify="space-between" gap="xs" align="flex-end">
    <Text size="sm" miw={0} flex="1 1 180px">
      <WishSentence approval={approval} clamp={3} />
    </Text>
    <Button size="compact-sm" onClick={review}>
      Review
    </Button>
  </Group>
);

/** Tells whoever may answer that something new waits for them, wherever they are in the console. */
export const useApprovalNotice = (): void => {
  const mayDecide = useMay('approval.decide');
  const isAdmin = useMe().roles.includes('admin');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const tell = useEffectEvent(async (id: string, title: string): Promise<void> => {
    const approval = await queries.fetchQuery({ queryKey: approvalKey(id), queryFn: () => api.approvals.get(id) });
    if (approval.status !== 'pending' || !approval.can_decide) return;
    const review = (): void => {
      notifications.hide(noticeId(id));
      void navigate({ to: '.', search: (now) => ({ ...now, approval: id }) });
    };
    notifications.show({
      id: noticeId(id),
      title,
      message: <Notice approval={approval} review={review} />,
      color: 'orange',
      autoClose: SHOWN_MS,
    });
    showDesktopNotice(approval, review);
  });
  useEffect(() => {
    if (!mayDecide) return undefined;
    const hear = ({ type, id }: Hint): void => {
      // What cannot be read now is in the inbox as soon as it can.
      if (type === 'approval.requested') void tell(id, 'An action waits for your answer').catch(() => undefined);
      if (type === 'approval.escalated' && isAdmin) {
        void tell(id, 'Nobody has answered this yet').catch(() => undefined);
      }
      if (type === 'approval.decided') notifications.hide(noticeId(id));
    };
    live.socket.on('hint', hear);
    return () => void live.socket.off('hint', hear);
  }, [mayDecide, isAdmin]);
};
