/** What a collector says of the configuration that it was given; the words of OpAMP's RemoteConfigStatuses. */
export const CONFIG_STATUSES = ['unset', 'applying', 'applied', 'failed'] as const;
export type ConfigStatus = (typeof CONFIG_STATUSES)[number];

/** Texts by name, as collectors describe themselves. */
export type Labels = Readonly<Record<string, string>>;

/** Whether a collector has all labels that are asked for; nothing asked for selects all. */
export function selects(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([name, value]) => Object.hasOwn(labels, name) && labels[name] === value);
}
