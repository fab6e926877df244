import { Nothing, Page } from '../components/page.js';
import { PageLink } from '../components/text.js';

export function NotFoundPage() {
  return (
    <Page title="No such page">
      <Nothing title="There is nothing at this address">
        <PageLink to="/">To the overview</PageLink>
      </Nothing>
    </Page>
  );
}
