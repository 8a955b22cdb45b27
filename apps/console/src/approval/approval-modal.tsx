import { Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useLocation, useNavigate, useSearch } from '@tanstack/react-router';
import { useMay } from '../session/use-me.js';
import { ApprovalDetail } from './approval-detail.js';
import { useApprovalNotice } from './use-approval-notice.js';

/** The approval that `?approval=` names, over whatever page is open. The inbox shows it in its own pane. */
export const ApprovalModal = () => {
  const may = useMay('approval.read');
  const { approval: named } = useSearch({ strict: false });
  const inInbox = useLocation({ select: ({ pathname }) => pathname === '/approvals' });
  const narrow = useMediaQuery('(max-width: 40em)', undefined, { getInitialValueInEffect: false });
  const navigate = useNavigate();
  useApprovalNotice();
  const id = may && !inInbox ? named : undefined;
  const close = (): void =>
    void navigate({ to: '.', search: (now) => ({ ...now, approval: undefined }), replace: true });
  return (
    <Modal
      opened={id !== undefined}
      onClose={close}
      title="Approval"
      size={760}
      fullScreen={narrow}
      padding={0}
      closeButtonProps={{ 'aria-label': 'Close' }}
      styles={{ header: { padding: '8px 16px' } }}
    >
      {id !== undefined && <ApprovalDetail id={id} answered={close} takeFocus />}
    </Modal>
  );
};
