import { Button, Group, Stack, Text } from '@mantine/core';
import type { SignInLink } from '../../edge/serve/contract.js';
import { CodeBlock } from './code-block.js';
import { Dialog } from './dialog.js';
import { Name, Time } from './text.js';

interface Props {
  readonly link: SignInLink;
  readonly subject: string;
  readonly onClose: () => void;
}

/** Shows a sign-in link, once. */
export function LinkDialog({ link, subject, onClose }: Props) {
  return (
    <Dialog title={`Sign-in link for ${subject}`} onClose={onClose}>
      <Stack gap="sm">
        <Text size="sm">
          It opens these pages once, as <Name>{subject}</Name>, until <Time iso={link.expires_at} />. Give it to nobody
          else.
        </Text>
        <CodeBlock label="sign-in link" code={link.url} />
        <Group justify="flex-end">
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
