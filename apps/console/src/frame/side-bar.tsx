import { Badge, NavLink, ScrollArea, Stack, Text } from '@mantine/core';
import { Link, useMatchRoute } from '@tanstack/react-router';
import { useEffect } from 'react';
import { titleOfWaiting } from '../page/title.js';
import { useMe } from '../session/use-me.js';
import { GROUPS, PLACES } from './navigation.js';
import classes from './side-bar.module.css';
import { useCounts } from './use-counts.js';

export const SideBar = ({ onNavigate }: { onNavigate: () => void }) => {
  const { permissions } = useMe();
  const counts = useCounts();
  const waitingForMe = counts['pending approvals'];
  useEffect(() => {
    titleOfWaiting(waitingForMe);
    return () => titleOfWaiting(null);
  }, [waitingForMe]);
  const matches = useMatchRoute();
  const places = PLACES.filter(({ needs }) => !needs || permissions.includes(needs));
  return (
    <ScrollArea h="100%" type="auto">
      <Stack gap="md" p="sm">
        {GROUPS.filter((group) => places.some((place) => place.group === group)).map((group) => (
          <div key={group}>
            <Text size="xs" fw={600} c="dimmed" px="sm" pb={4} tt="uppercase">
              {group}
            </Text>
            {places
              .filter((place) => place.group === group)
              .map(({ to, label, icon: Icon, count }) => {
                const waiting = count && counts[count];
                const here = Boolean(matches({ to, fuzzy: true }));
                return (
                  <NavLink
                    key={to}
                    renderRoot={(props) => <Link to={to} {...props} />}
                    label={label}
                    active={here}
                    className={classes.place}
                    aria-current={here ? 'page' : undefined}
                    onClick={onNavigate}
                    leftSection={<Icon size={18} aria-hidden />}
                    rightSection={
                      waiting && (
                        <Badge
                          size="sm"
                          variant="default"
                          className={classes.count}
                          data-asks={count === 'pending approvals' || undefined}
                          aria-label={`${waiting} ${count}`}
                        >
                          {waiting}
                        </Badge>
                      )
                    }
                  />
                );
              })}
          </div>
        ))}
      </Stack>
    </ScrollArea>
  );
};
