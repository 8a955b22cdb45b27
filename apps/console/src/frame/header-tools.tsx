import {
  ActionIcon,
  Button,
  Group,
  Indicator,
  Kbd,
  Menu,
  Text,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleUserRound, Keyboard, LogOut, Moon, OctagonX, PanelRight, Search, Sun, UserRound } from 'lucide-react';
import { api, chooseTeam } from '../data/api.js';
import { stopDialog } from '../kill-switch/stop-store.js';
import { useLiveState } from '../live/use-live-state.js';
import { useMay, useMe } from '../session/use-me.js';
import { palette } from './palette-store.js';

export const HeaderTools = ({
  rail,
  toggleRail,
  help,
}: {
  rail: boolean;
  toggleRail: () => void;
  help: () => void;
}) => (
  <Group gap="xs" wrap="nowrap">
    <StopButton />
    <Button
      variant="default"
      size="xs"
      onClick={palette.open}
      leftSection={<Search size={14} aria-hidden />}
      rightSection={<Kbd size="xs">Ctrl K</Kbd>}
      visibleFrom="sm"
    >
      <Text span inherit c="dimmed" fw={400}>
        Search or go to
      </Text>
    </Button>
    <ActionIcon variant="default" hiddenFrom="sm" aria-label="Search or go to" onClick={palette.open}>
      <Search size={16} aria-hidden />
    </ActionIcon>
    <LiveDot />
    <ColourSwitch />
    <Tooltip label={rail ? 'Hide the activity' : 'Show the activity'}>
      <ActionIcon
        variant="subtle"
        color="gray"
        visibleFrom="lg"
        aria-pressed={rail}
        aria-label="Activity"
        onClick={toggleRail}
      >
        <PanelRight size={18} aria-hidden />
      </ActionIcon>
    </Tooltip>
    <UserMenu help={help} />
  </Group>
);

/** In reach on every page for whoever may stop agents. */
const StopButton = () => {
  const stop = (): void => stopDialog.open();
  if (!useMay('kill.write')) return null;
  return (
    <>
      <Button
        variant="outline"
        color="red"
        size="xs"
        leftSection={<OctagonX size={14} aria-hidden />}
        aria-label="Stop agents"
        aria-keyshortcuts="!"
        onClick={stop}
        visibleFrom="sm"
      >
        Stop
      </Button>
      <ActionIcon variant="outline" color="red" hiddenFrom="sm" aria-label="Stop agents" onClick={stop}>
        <OctagonX size={16} aria-hidden />
      </ActionIcon>
    </>
  );
};

const LIVE = {
  live: ['var(--low)', 'Live: changes show by themselves'],
  connecting: ['var(--medium)', 'Connecting to live updates'],
  reconnecting: ['var(--high)', 'Reconnecting'],
  offline: ['var(--critical)', 'Offline'],
} as const;

const LiveDot = () => {
  const state = useLiveState();
  const [colour, words] = LIVE[state];
  return (
    <Tooltip label={words}>
      <Indicator color={colour} processing={state === 'reconnecting'} size={9} position="middle-center" mx={8}>
        <span role="img" aria-label={words} data-live={state === 'live'} />
      </Indicator>
    </Tooltip>
  );
};

const ColourSwitch = () => {
  const scheme = useComputedColorScheme('light');
  const { setColorScheme } = useMantineColorScheme();
  const label = scheme === 'dark' ? 'Light colours' : 'Dark colours';
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={label}
        onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}
      >
        {scheme === 'dark' ? <Sun size={18} aria-hidden /> : <Moon size={18} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
};

const UserMenu = ({ help }: { help: () => void }) => {
  const me = useMe();
  const queries = useQueryClient();
  const leave = async (): Promise<void> => {
    await api.logout().catch(() => undefined);
    chooseTeam(null);
    await queries.resetQueries();
  };
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Account of ${me.user.email}`}>
          <CircleUserRound size={20} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" truncate c="var(--mantine-color-text)">
            {me.user.email}
          </Text>
          {me.roles.join(', ')}
        </Menu.Label>
        <Teams />
        <Menu.Divider />
        <Menu.Item
          leftSection={<UserRound size={14} aria-hidden />}
          renderRoot={(props) => <Link to="/settings/account" {...props} />}
        >
          My account
        </Menu.Item>
        <Menu.Item
          leftSection={<Keyboard size={14} aria-hidden />}
          rightSection={<Kbd size="xs">?</Kbd>}
          onClick={help}
        >
          Keyboard shortcuts
        </Menu.Item>
        <Menu.Item leftSection={<LogOut size={14} aria-hidden />} onClick={() => void leave()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
};

const Teams = () => {
  const me = useMe();
  const queries = useQueryClient();
  const enter = async (team: string): Promise<void> => {
    chooseTeam(team);
    await queries.resetQueries();
  };
  if (me.teams.length < 2) return null;
  return (
    <>
      <Menu.Divider />
      <Menu.Label>Team</Menu.Label>
      {me.teams.map(({ id, name }) => (
        <Menu.Item
          key={id}
          aria-current={id === me.team}
          fw={id === me.team ? 700 : 400}
          onClick={() => void enter(id)}
        >
          {name}
        </Menu.Item>
      ))}
    </>
  );
};
