import { AppShell, Burger, Button, Group, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { Link, useLocation } from 'wouter';
import { send } from '../api.js';
import { useSession } from '../queries.js';
import { ICONS, type IconName } from './icons.js';
import { useNavigation } from './navigation.js';
import styles from './shell.module.css';
import { Shortcuts } from './shortcuts.js';
import { usePageChange } from './use-page-change.js';

/** Header, navigation and the page; for whoever is signed in. */
export function Shell({ children }: { children: ReactNode }) {
  const [opened, { toggle, close }] = useDisclosure(false);
  const [location] = useLocation();
  const navigation = useNavigation();
  usePageChange();
  useEffect(() => close(), [location]);
  return (
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: 196, breakpoint: 'md', collapsed: { mobile: !opened } }}
      padding={{ base: 'sm', sm: 'lg' }}
      transitionDuration={0}
    >
      <a href="#content" className={styles.skip}>
        Skip to content
      </a>
      <AppShell.Header className={styles.header}>
        <Group gap="sm" wrap="nowrap">
          <Burger
            opened={opened}
            onClick={toggle}
            hiddenFrom="md"
            size="sm"
            aria-label={opened ? 'Close navigation' : 'Open navigation'}
            aria-expanded={opened}
          />
          <Link href="/" className={styles.brand}>
            <img src={`${import.meta.env.BASE_URL}favicon.svg`} alt="" width={18} height={18} />
            spanwarden
          </Link>
        </Group>
        <HeaderActions />
      </AppShell.Header>
      <AppShell.Navbar className={styles.navbar} data-opened={opened || undefined} aria-label="Pages">
        {navigation.map((entry) => (
          <NavigationLink key={entry.path} {...entry} current={location} />
        ))}
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={styles.main}>
        {children}
      </AppShell.Main>
    </AppShell>
  );
}

function NavigationLink(props: { path: string; title: string; icon: IconName; current: string }) {
  const { path, title, icon, current } = props;
  const isHere = path === '/' ? current === '/' : current === path || current.startsWith(`${path}/`);
  return (
    <Link href={path} className={styles.link} aria-current={isHere ? 'page' : undefined}>
      {ICONS[icon]}
      {title}
    </Link>
  );
}

function HeaderActions() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const other = scheme === 'dark' ? 'light' : 'dark';
  const client = useQueryClient();
  const subject = useSession().data?.subject ?? '';
  const [, navigate] = useLocation();
  const signOut = async (): Promise<void> => {
    await send('DELETE', '/session').catch(() => undefined);
    navigate('/sign-in');
    client.clear();
  };
  return (
    <Group gap="xs" wrap="nowrap">
      <Shortcuts />
      <Button
        size="compact-sm"
        variant="subtle"
        color="gray"
        className={styles.action}
        onClick={() => setColorScheme(other)}
      >
        {other === 'dark' ? 'Dark' : 'Light'} mode
      </Button>
      <Button
        size="compact-sm"
        variant="subtle"
        color="gray"
        className={styles.action}
        title={`Signed in as ${subject}`}
        onClick={signOut}
      >
        Sign out
      </Button>
    </Group>
  );
}
