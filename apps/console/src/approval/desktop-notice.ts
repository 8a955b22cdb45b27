import { readLocalStorageValue } from '@mantine/hooks';
import type { Approval } from '#client/browser';
import { visible } from '../page/foreign.rules.js';
import { wishOf } from './approval.rules.js';

/** A person's own choice on this device; off until they switch it on. */
export const DESKTOP_NOTICES = 'spectrace.desktop-notices';

export const hasDesktopNotices = (): boolean => 'Notification' in globalThis;

/** Also tells it outside of the page, when that was asked for and the page is not in sight. */
export const showDesktopNotice = (approval: Approval, review: () => void): void => {
  if (!hasDesktopNotices() || Notification.permission !== 'granted' || !document.hidden) return;
  if (!readLocalStorageValue<boolean>({ key: DESKTOP_NOTICES, defaultValue: false })) return;
  const { verb, objects } = wishOf(approval);
  const notice = new Notification('SpecTrace: an action waits for your answer', {
    body: visible([approval.agent_id, 'wants to', verb, ...objects].join(' ')),
    tag: approval.id,
  });
  notice.onclick = () => {
    globalThis.focus();
    notice.close();
    review();
  };
};
