import { AppShell, Burger, Group, Image, Text } from '@mantine/core';
import { useDisclosure, useLocalStorage } from '@mantine/hooks';
import { Link, Outlet } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useHints } from '../live/use-hints.js';
import { ActivityRail } from './activity-rail.js';
import { ConnectionBanner } from './connection-banner.js';
import { HeaderTools } from './header-tools.js';
import { SideBar } from './side-bar.js';
import { useShortcuts } from './use-shortcuts.js';

const HEADER_PX = 56;
const Overlays = lazy(async () => ({ default: (await import('./overlays.js')).Overlays }));

/** What surrounds every page of a person who is signed in. */
export const Shell = () => {
  const [menuOpen, menu] = useDisclosure();
  const [rail, setRail] = useLocalStorage({ key: 'spectrace.rail', defaultValue: true });
  useHints();
  const [helpOpen, help] = useDisclosure();
  useShortcuts(help.open);
  return (
    <AppShell
      header={{ height: HEADER_PX }}
      navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !menuOpen } }}
      aside={{ width: 280, breakpoint: 'lg', collapsed: { mobile: true, desktop: !rail } }}
      padding="md"
    >
      <a href="#content" className="skip">
        Skip to content
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="sm">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={menuOpen}
              onClick={menu.toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={menuOpen ? 'Close the menu' : 'Open the menu'}
            />
            <Link to="/executions" aria-label="SpecTrace, to the executions">
              <Group gap={8} wrap="nowrap">
                <Image src="/icon.svg" w={28} h={28} alt="" />
                <Text fw={700} visibleFrom="xs" c="var(--mantine-color-text)">
                  SpecTrace
                </Text>
              </Group>
            </Link>
          </Group>
          <HeaderTools rail={rail} toggleRail={() => setRail(!rail)} help={help.open} />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar aria-label="Pages">
        <SideBar onNavigate={menu.close} />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <ConnectionBanner />
        <Outlet />
      </AppShell.Main>
      <AppShell.Aside aria-label="Activity">{rail && <ActivityRail />}</AppShell.Aside>
      <Suspense fallback={null}>
        <Overlays helpOpen={helpOpen} closeHelp={help.close} />
      </Suspense>
    </AppShell>
  );
};
