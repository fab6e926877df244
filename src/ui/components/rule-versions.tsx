import { Button } from '@mantine/core';
import { useState } from 'react';
import { useRuleDocument, useRuleVersions } from '../queries.js';
import { CodeBlock } from './code-block.js';
import { DataTable } from './data-table.js';
import { Dialog } from './dialog.js';
import { LoadMore } from './load-more.js';
import { Loaded } from './loaded.js';
import { Nothing, Section } from './page.js';
import { Name, Time } from './text.js';

/** The versions of the document; each can be read, and so brought back. */
export function RuleVersions() {
  const versions = useRuleVersions();
  const [opened, setOpened] = useState<number | null>(null);
  return (
    <Section title="Versions" id="versions">
      <Loaded query={versions} what="the versions" lines={3}>
        {(rows) =>
          rows.length === 0 ? (
            <Nothing title="No versions yet">Each time that you save your detectors a version is kept here.</Nothing>
          ) : (
            <>
              <DataTable
                caption="Versions"
                columns={[
                  { header: 'Version', rowHeader: true, cell: ({ version }) => version },
                  { header: 'Saved', cell: ({ created_at }) => <Time iso={created_at} /> },
                  { header: 'By', cell: ({ author }) => <Name>{author}</Name> },
                  { header: 'What changed', cell: ({ comment }) => (comment === '' ? '–' : <Name>{comment}</Name>) },
                  {
                    header: 'Document',
                    cell: ({ version }) => (
                      <Button
                        size="compact-xs"
                        variant="default"
                        onClick={() => setOpened(version)}
                        aria-label={`Show version ${version}`}
                      >
                        Show
                      </Button>
                    ),
                  },
                ]}
                rows={rows}
                keyOf={({ version }) => String(version)}
              />
              <LoadMore query={versions} shown={rows.length} noun="version" />
            </>
          )
        }
      </Loaded>
      {opened !== null && <VersionDialog version={opened} onClose={() => setOpened(null)} />}
    </Section>
  );
}

function VersionDialog({ version, onClose }: { version: number; onClose: () => void }) {
  const document = useRuleDocument(version);
  return (
    <Dialog title={`Version ${version} of your detectors`} onClose={onClose} isWide>
      <Loaded query={document} what="the version">
        {({ text }) => <CodeBlock label={`version ${version}`} code={text} />}
      </Loaded>
    </Dialog>
  );
}
