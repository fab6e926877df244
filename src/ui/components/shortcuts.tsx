import { Button, Kbd, Stack, Switch, Table, VisuallyHidden } from '@mantine/core';
import { useDisclosure, useLocalStorage, useWindowEvent } from '@mantine/hooks';
import { useRef } from 'react';
import { useLocation } from 'wouter';
import { Dialog } from './dialog.js';
import { useNavigation } from './navigation.js';
import styles from './shell.module.css';

const TYPING = 'input, textarea, select, [contenteditable], [role="dialog"] *';
const ROW_LINKS = 'tbody a[href]';
const FIRST_FILTER = '[role="search"] input';

/** Single keys that move about, with the list of them; they can be switched off (WCAG 2.1.4). */
export function Shortcuts() {
  const [opened, { open, close }] = useDisclosure(false);
  const [isOn, setOn] = useLocalStorage({ key: 'spanwarden-shortcuts', defaultValue: true });
  const [, navigate] = useLocation();
  const goes = useRef(false);
  const navigation = useNavigation();

  const press = (event: KeyboardEvent): boolean => {
    if (goes.current) {
      goes.current = false;
      const page = navigation.find(({ letter }) => letter === event.key);
      if (page !== undefined) navigate(page.path);
      return page !== undefined;
    }
    if (event.key === 'g') goes.current = true;
    else if (event.key === '?') open();
    else if (event.key === 'j') moveInRows(1);
    else if (event.key === 'k') moveInRows(-1);
    else if (event.key === 'x') selectRow();
    else if (event.key === '/') document.querySelector<HTMLElement>(FIRST_FILTER)?.focus();
    else return false;
    return true;
  };
  useWindowEvent('keydown', (event) => {
    const isTyping = event.target instanceof Element && event.target.matches(TYPING);
    if (!isOn || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    if (press(event)) event.preventDefault();
  });

  return (
    <>
      <Button size="compact-sm" variant="subtle" color="gray" className={styles.action} visibleFrom="md" onClick={open}>
        Keyboard
      </Button>
      {opened && (
        <Dialog title="Keyboard" onClose={close}>
          <Stack>
            <KeyTable />
            <Switch
              label="Use these keys"
              checked={isOn}
              onChange={({ currentTarget }) => setOn(currentTarget.checked)}
            />
          </Stack>
        </Dialog>
      )}
    </>
  );
}

function KeyTable() {
  const rows = [
    ...useNavigation().map(({ letter, title }) => ({ keys: ['g', letter], what: title })),
    { keys: ['j'], what: 'Next row' },
    { keys: ['k'], what: 'Row before' },
    { keys: ['x'], what: 'Select the row, or not' },
    { keys: ['/'], what: 'First filter' },
    { keys: ['?'], what: 'This list' },
  ];
  return (
    <Table>
      <caption>
        <VisuallyHidden>Keys and what they do</VisuallyHidden>
      </caption>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Keys</Table.Th>
          <Table.Th scope="col">What they do</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(({ keys, what }) => (
          <Table.Tr key={what}>
            <Table.Td>
              {keys.map((key) => (
                <Kbd key={key} mr={4}>
                  {key}
                </Kbd>
              ))}
            </Table.Td>
            <Table.Td>{what}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** Ticks the box of the row that has the focus. */
function selectRow(): void {
  document.activeElement?.closest('tr')?.querySelector<HTMLElement>('input[type="checkbox"]')?.click();
}

/** Moves the focus from the link of one row to that of the next. */
function moveInRows(step: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>(ROW_LINKS)];
  const here = links.findIndex((link) => link.closest('tr') === document.activeElement?.closest('tr'));
  const next = here === -1 ? (step === 1 ? 0 : links.length - 1) : here + step;
  links[next]?.focus();
}
