import { Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { RuleCheck, RuleVersion } from '../../edge/serve/contract.js';
import { ApiError, sendYaml } from '../api.js';
import { plural } from '../format.js';
import { rulesChanged, useRuleDocument } from '../queries.js';
import { DataTable } from './data-table.js';
import { ErrorText, Loaded } from './loaded.js';
import { ErrorNote } from './note.js';
import { Section } from './page.js';
import styles from './rule-editor.module.css';

const EXAMPLE = `family: acme
detectors:
  - id: x-acme-token
    name: Acme API token
    kind: secret
    severity: high
    confidence: high
    keywords: [acme_live_]
    pattern: 'acme_live_[A-Za-z0-9]{32}'
    examples:
      - acme_live_T4xWq8ZrLmN2vKjY6cBdF1hGsP9oUeR3
      - 'X-Acme: acme_live_a7KpXw3RtVb9NcMz5QyJd1LfHs8GuEo2'
      - token=acme_live_M3nBv6CxZl9KjHg2FdSa5PoIu8YtRe1W
    non_examples:
      - acme_live_short
      - acme_test_T4xWq8ZrLmN2vKjY6cBdF1hGsP9oUeR3
      - lacme_live_T4xWq8ZrLmN2vKjY6cBdF1hGsP9oUeR3
    references: ['https://docs.acme.example/tokens']
    remedy: Revoke the token in Acme's console.
`;

interface Tagged {
  readonly text: string;
  readonly etag: string;
}

/** The document with detectors of one's own: to read, change, check and save. */
export function RuleEditor() {
  const document = useRuleDocument();
  return (
    <Section title="Your own detectors" id="own-detectors">
      <Loaded query={document} what="your detectors">
        {(saved) => <Editor saved={saved} onReread={document.refetch} />}
      </Loaded>
    </Section>
  );
}

function Editor({ saved, onReread }: { saved: Tagged; onReread: () => Promise<{ data: Tagged | undefined }> }) {
  const [base, setBase] = useState(saved);
  const [text, setText] = useState(saved.text);
  const [comment, setComment] = useState('');
  const [said, setSaid] = useState('');
  const client = useQueryClient();
  const check = useMutation({
    mutationFn: () => sendYaml<RuleCheck>('POST', '/rules/custom/check', text),
    onMutate: () => setSaid(''),
    onSuccess: ({ detectors }) => setSaid(`✓ ${plural(detectors, 'detector')} in order. Nothing is saved yet.`),
  });
  const save = useMutation({
    mutationFn: () =>
      sendYaml<RuleVersion>('PUT', `/rules/custom?${new URLSearchParams({ comment })}`, text, base.etag),
    onMutate: () => setSaid(''),
    onSuccess: async ({ version }) => {
      setSaid(`✓ Saved as version ${version}. It is in force from now on.`);
      setBase({ text, etag: `"${version}"` });
      setComment('');
      await rulesChanged(client);
    },
  });
  const reread = async (): Promise<void> => {
    const { data } = await onReread();
    if (data === undefined) return;
    setBase(data);
    setText(data.text);
    forget();
  };
  const forget = (): void => {
    check.reset();
    save.reset();
    setSaid('');
  };
  const edit = (next: string): void => {
    forget();
    setText(next);
  };
  const saveChange = (): void => {
    if (text === base.text) setSaid('Nothing has changed since the version that is saved.');
    else save.mutate();
  };
  const isBusy = check.isPending || save.isPending;
  const isEmpty = /detectors:\s*\[\]\s*$/.test(text);
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        A rule file in YAML, as docs/rules.md explains it. Ids begin with x-. A document is taken when all its examples
        are found and none of its non-examples is.
      </Text>
      {isEmpty && (
        <Group gap="sm">
          <Text size="sm">You have no detectors of your own yet.</Text>
          <Button size="compact-xs" variant="default" onClick={() => edit(EXAMPLE)}>
            Begin with an example
          </Button>
        </Group>
      )}
      <Textarea
        label="Rule document"
        value={text}
        onChange={({ currentTarget }) => edit(currentTarget.value)}
        autosize
        minRows={8}
        maxRows={30}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        classNames={{ input: styles.document }}
      />
      <TextInput
        label="What changed"
        description="Optional; for the list of versions"
        value={comment}
        maxLength={500}
        onChange={({ currentTarget }) => setComment(currentTarget.value)}
      />
      <Group gap="sm">
        <Button size="xs" variant="default" loading={check.isPending} disabled={isBusy} onClick={() => check.mutate()}>
          Check
        </Button>
        <Button size="xs" loading={save.isPending} disabled={isBusy} onClick={saveChange}>
          Save
        </Button>
        <Text size="sm" role="status">
          {isBusy ? 'Checking; that can take some seconds …' : said}
        </Text>
      </Group>
      <Problems error={save.error ?? check.error} onReread={reread} />
    </Stack>
  );
}

function Problems({ error, onReread }: { error: Error | null; onReread: () => Promise<void> }) {
  if (error === null) return null;
  const problems = error instanceof ApiError ? error.problems : [];
  if (error instanceof ApiError && error.status === 412) {
    return (
      <ErrorNote title="Somebody else saved meanwhile">
        <Stack align="flex-start" gap="xs">
          <span>Copy what you wrote, read the latest version, and make your change there.</span>
          <Button size="xs" variant="default" onClick={onReread}>
            Read the latest version
          </Button>
        </Stack>
      </ErrorNote>
    );
  }
  if (problems.length === 0) {
    return (
      <ErrorNote title="That did not work">
        <ErrorText error={error} />
      </ErrorNote>
    );
  }
  return (
    <ErrorNote title={`${plural(problems.length, 'problem')} in the document`}>
      <DataTable
        caption="Problems"
        columns={[
          { header: 'Where', rowHeader: true, cell: ({ where }) => where },
          { header: 'What is wrong', cell: ({ what }) => what },
          { header: 'Allowed', cell: ({ allowed }) => allowed },
        ]}
        rows={problems.map((problem, at) => ({ ...problem, at }))}
        keyOf={({ at }) => String(at)}
      />
    </ErrorNote>
  );
}
