import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData, useSpotlight } from '@mantine/spotlight';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { OctagonX, Search } from 'lucide-react';
import { useState } from 'react';
import { useDebouncedValue } from '@mantine/hooks';
import { api } from '../data/api.js';
import { EXECUTIONS } from '../data/keys.js';
import { useMe } from '../session/use-me.js';
import { stopDialog } from '../kill-switch/stop-store.js';
import { statusWords } from '../execution/status.rules.js';
import { visible } from '../page/foreign.rules.js';
import { PLACES } from './navigation.js';
import { paletteStore } from './palette-store.js';

const FOUND = 6;
const TYPING_MS = 200;

const STOP: SpotlightActionData = {
  id: 'stop',
  label: 'Stop agents …',
  description: '!',
  keywords: ['kill switch', 'halt'],
  leftSection: <OctagonX size={18} aria-hidden />,
  onClick: () => stopDialog.open(),
};

/** Ctrl K: where to go, and executions by what they are about. */
export const Palette = () => {
  const { permissions } = useMe();
  const navigate = useNavigate();
  const { opened } = useSpotlight(paletteStore);
  const [typed, setTyped] = useState('');
  const [query] = useDebouncedValue(typed.trim(), TYPING_MS);
  const executions = useQuery({
    queryKey: [...EXECUTIONS, 'palette', query],
    queryFn: () => api.executions.list({ limit: FOUND, ...(query && { q: query }) }),
    enabled: opened && permissions.includes('execution.read'),
  });
  const places = PLACES.filter(({ needs }) => !needs || permissions.includes(needs)).map(
    ({ to, label, icon: Icon, key }): SpotlightActionData => ({
      id: to,
      label,
      description: `g then ${key}`,
      leftSection: <Icon size={18} aria-hidden />,
      onClick: () => void navigate({ to }),
    }),
  );
  const runs = (executions.data?.items ?? []).map(
    ({ id, task_description, status, paused_reason }): SpotlightActionData => ({
      id,
      label: visible(task_description.slice(0, 120)),
      description: `${statusWords(status, paused_reason).word} · ${id}`,
      // What the server found is shown whether or not the words stand in the label.
      keywords: [typed],
      onClick: () => void navigate({ to: '/executions/$id', params: { id } }),
    }),
  );
  const actions: SpotlightActionGroupData[] = [
    { group: 'Go to', actions: places },
    { group: 'Do', actions: permissions.includes('kill.write') ? [STOP] : [] },
    { group: 'Executions', actions: runs },
  ];
  return (
    <Spotlight
      store={paletteStore}
      actions={actions}
      query={typed}
      onQueryChange={setTyped}
      // `/` is the search of a page where it has one: use-shortcuts.ts.
      shortcut={null}
      nothingFound="Nothing like that"
      scrollable
      attributes={{ content: { 'aria-label': 'Search or go to' } }}
      overlayProps={{ backgroundOpacity: 0.4 }}
      styles={{ content: { background: 'var(--surface)' } }}
      maxHeight={480}
      searchProps={{
        leftSection: <Search size={18} aria-hidden />,
        placeholder: 'A page, a task, an agent, an execution id …',
        'aria-label': 'Search or go to',
      }}
    />
  );
};
