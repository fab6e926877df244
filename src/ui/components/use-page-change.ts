import { useWindowEvent } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { useLocation, useSearch } from 'wouter';

/**
 * Does what a browser does when it goes to another page: begins at the top, with the focus on the heading, so that
 * screen readers say where they are. On the way back the place in the page stays.
 */
export function usePageChange(): void {
  const [path] = useLocation();
  const search = useSearch();
  const shown = useRef({ path, search });
  const isBack = useRef(false);
  useWindowEvent('popstate', () => {
    isBack.current = true;
  });
  useEffect(() => {
    const before = shown.current;
    if (before.path === path && before.search === search) return;
    shown.current = { path, search };
    if (before.path !== path) {
      if (!isBack.current) window.scrollTo(0, 0);
      document.getElementById('page-title')?.focus({ preventScroll: true });
    }
    isBack.current = false;
  }, [path, search]);
}
