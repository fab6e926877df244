import { UNOWNED } from '../engine/cost/ownership.js';
import type { Notification, NotifyEvent, NotifyRule, StateNotifyEvent, Urgency } from '../engine/model/notification.js';
import { decide, type Told } from '../engine/notify/decide.js';
import { messageOf } from '../engine/notify/message.js';
import { teamsByService } from './costs.js';
import type { UsageStore } from './ports.js';

/** A rule as it is stored. */
export interface StoredRule extends NotifyRule {
  readonly id: string;
  readonly name: string;
  /** When it made messages last, in milliseconds since the epoch. */
  readonly lastAt: Readonly<Partial<Record<Urgency, number>>>;
}

/** A message that is to go out, and the events that it tells. */
export interface Made {
  readonly message: Notification;
  readonly events: readonly NotifyEvent[];
}

/** What of the store notifications need. */
export interface NotifyStore {
  /** Rules that are not disabled. */
  rules(tenant: string): Promise<readonly StoredRule[]>;
  /** Events of findings that are open, of the last days; teams are not filled. */
  events(tenant: string, now: Date): Promise<readonly NotifyEvent[]>;
  /**
   * Decides while no other process does for the rule, and writes the messages, what they tell and their deliveries at once.
   *
   * @returns ids of the deliveries
   */
  make(tenant: string, ruleId: string, decision: (rule: StoredRule, told: Told) => readonly Made[]): Promise<string[]>;
}

/**
 * Makes the messages of all rules.
 *
 * @param states events of the last days that are about something else than findings; owners of services are filled in
 * @returns ids of their deliveries
 */
export async function notify(
  tenant: string,
  now: Date,
  store: NotifyStore,
  usage: UsageStore,
  states: readonly StateNotifyEvent[],
  link: (path: string) => string,
  newId: () => string,
): Promise<string[]> {
  const rules = await store.rules(tenant);
  if (rules.length === 0) return [];
  const [found, teams] = await Promise.all([store.events(tenant, now), teamsByService(tenant, usage)]);
  const events = [...found, ...states].map((event) =>
    event.service === '' ? event : { ...event, team: ownedBy(teams.get(event.service)) },
  );
  const at = now.getTime();
  const made: string[] = [];
  for (const { id } of rules) {
    const ids = await store.make(tenant, id, (rule, told) =>
      decide(rule, events, told, rule.lastAt, at).map((batch) => {
        const basis = { id: newId(), rule: rule.name, at, link };
        return { message: messageOf(batch, basis), events: batch.events };
      }),
    );
    made.push(...ids);
  }
  return made;
}

function ownedBy(team: string | undefined): string {
  return team === undefined || team === UNOWNED ? '' : team;
}
