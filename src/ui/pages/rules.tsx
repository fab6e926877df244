import { Exclusions } from '../components/exclusions.js';
import { Page } from '../components/page.js';
import { RuleEditor } from '../components/rule-editor.js';
import { RuleTable } from '../components/rule-table.js';
import { RuleVersions } from '../components/rule-versions.js';

export function RulesPage() {
  return (
    <Page
      title="Rules"
      about="The detectors that look for secrets and personal data, your own ones, and what they pass over."
    >
      <RuleTable />
      <Exclusions />
      <RuleEditor />
      <RuleVersions />
    </Page>
  );
}
