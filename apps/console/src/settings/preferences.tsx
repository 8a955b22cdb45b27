import {
  Kbd,
  type MantineColorScheme,
  SegmentedControl,
  Stack,
  Switch,
  Text,
  useMantineColorScheme,
} from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useState } from 'react';
import { DESKTOP_NOTICES, hasDesktopNotices } from '../approval/desktop-notice.js';
import { PLACES } from '../frame/navigation.js';
import { useMay, useMe } from '../session/use-me.js';
import { Card } from './card.js';
import classes from './settings.module.css';

const SCHEMES = [
  { value: 'auto', label: 'Like the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

export const Appearance = () => {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Card title="Appearance" description="On this device.">
      <SegmentedControl
        data={SCHEMES}
        value={colorScheme}
        onChange={(scheme) => setColorScheme(scheme as MantineColorScheme)}
        aria-label="Colours"
        maw={420}
      />
    </Card>
  );
};

/** Notices of the browser itself, for approvals that come while the console is out of sight. */
export const Notices = () => {
  const [wanted, setWanted] = useLocalStorage<boolean>({ key: DESKTOP_NOTICES, defaultValue: false });
  const [refused, setRefused] = useState(hasDesktopNotices() && Notification.permission === 'denied');
  const mayDecide = useMay('approval.decide');
  const change = async (on: boolean): Promise<void> => {
    const permission = on ? await Notification.requestPermission() : 'granted';
    setRefused(permission === 'denied');
    setWanted(on && permission === 'granted');
  };
  const obstacle = !hasDesktopNotices()
    ? 'This browser has no notifications.'
    : refused
      ? 'The browser refuses them for this page; allow them in its settings first.'
      : null;
  return (
    <Card title="Notifications" description="On this device.">
      <Switch
        label="Tell me about new approvals while the console is not in sight"
        description={
          obstacle ??
          (mayDecide
            ? 'As a notification of the browser.'
            : 'Your role answers no approvals, so there is nothing to tell.')
        }
        disabled={obstacle !== null || !mayDecide}
        checked={wanted && obstacle === null}
        onChange={(event) => void change(event.currentTarget.checked)}
      />
    </Card>
  );
};

export const Shortcuts = () => {
  const { permissions } = useMe();
  const places = PLACES.filter(({ needs }) => !needs || permissions.includes(needs));
  const keys: [string[], string][] = [
    [['Ctrl', 'K'], 'search, or go to a page or an execution'],
    ...places.map(({ key, label }): [string[], string] => [['g', key], label]),
    [['j'], 'next in a list'],
    [['k'], 'previous in a list'],
    [['a'], 'approve what is open'],
    [['r'], 'reject what is open'],
    [['e'], 'edit the arguments of what is open'],
    [['Ctrl', 'Enter'], 'send an answer'],
    [['Esc'], 'close, go back'],
  ];
  return (
    <Card title="Keyboard">
      <dl className={classes.keys}>
        {keys.map(([names, words]) => (
          <Stack key={words} display="contents">
            <dt>
              {names.map((name) => (
                <Kbd key={name} size="xs" mr={4}>
                  {name}
                </Kbd>
              ))}
            </dt>
            <dd>
              <Text size="sm">{words}</Text>
            </dd>
          </Stack>
        ))}
      </dl>
    </Card>
  );
};
