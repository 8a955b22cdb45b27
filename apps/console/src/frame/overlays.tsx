import { ApprovalModal } from '../approval/approval-modal.js';
import { StopDialog } from '../kill-switch/stop-dialog.js';
import { Palette } from './palette.js';
import { ShortcutsDialog } from './shortcuts-dialog.js';

/** What opens above any page; loaded behind the first one. */
export const Overlays = ({ helpOpen, closeHelp }: { helpOpen: boolean; closeHelp: () => void }) => (
  <>
    <Palette />
    <ShortcutsDialog opened={helpOpen} close={closeHelp} />
    <ApprovalModal />
    <StopDialog />
  </>
);
