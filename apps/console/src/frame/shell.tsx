import { AppShell, Burger, Group, Image, Text } from '@mantine/core';
import { useDisclosure, useLocalStorage } from '@mantine/hooks';
import { Link, Outlet } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { KillSwitchStrip, useStops } from '../kill-switch/kill-switch-strip.js';
import { stopDialog } from '../kill-switch/stop-store.js';
import { useHints } from '../live/use-hints.js';
import { useMay } from '../session/use-me.js';
import { ActivityRail } from './activity-rail.js';
import { ConnectionBanner } from './connection-banner.js';
import { HeaderTools } from './header-tools.js';
import { SideBar } from './side-bar.js';
import { useShortcuts } from './use-shortcuts.js';

const HEADER_PX = 56;
/** As high as the strip is by its style: on a phone it has two lines. */
const STRIP_PX = { base: 52, sm: 36 } as const;
const Overlays = lazy(async () => ({ default: (await import('./overlays.js')).Overlays }));

/** What surrounds every page of a person who is signed in. */
export const Shell = () => {
  const [menuOpen, menu] = useDisclosure();
  const [rail, setRail] = useLocalStorage({ key: 'spectrace.rail', defaultValue: true });
  useHints();
  const [helpOpen, help] = useDisclosure();
  const stops = useStops();
  const mayStop = useMay('kill.write');
  useShortcuts(help.open, mayStop ? () => stopDialog.open() : null);
  const below = stops.length > 0 ? STRIP_PX : { base: 0, sm: 0 };
  return (
    <AppShell
      header={{ height: { base: HEADER_PX + below.base, sm: HEADER_PX + below.sm } }}
      navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !menuOpen } }}
      aside={{ width: 280, breakpoint: 'lg', collapsed: { mobile: true, desktop: !rail } }}
      padding="md"
    >
      <a href="#content" className="skip">
        Skip to content
      </a>
      <AppShell.Header>
        <Group h={HEADER_PX} px="md" justify="space-between" wrap="nowrap" gap="sm">
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
        <KillSwitchStrip stops={stops} />
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
