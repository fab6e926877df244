import { formatCost } from '../format.js';
import { useCosts } from '../queries.js';
import { Loaded } from './loaded.js';
import styles from './overview.module.css';
import { Panel } from './page.js';
import { ShareBar } from './share-bar.js';
import { Name, PageLink } from './text.js';

const TEAMS_SHOWN = 6;

/** What the last seven days cost the teams that cost the most. */
export function OverviewCosts() {
  const costs = useCosts('team');
  return (
    <Panel title="Cost by team, last 7 days" id="costs" aside={<PageLink to="/cost">Cost</PageLink>}>
      <Loaded query={costs} what="the costs" lines={4}>
        {({ rows, currency }) => (
          <ul className={`${styles.list} ${styles.costs}`}>
            {rows.slice(0, TEAMS_SHOWN).map(({ group, cost, share }) => (
              <li key={group} className={styles.cost}>
                <Name>{group}</Name>
                <ShareBar share={share} />
                <span className={styles.amount}>{formatCost(cost, currency)}</span>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}
