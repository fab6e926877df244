/** Ways by which reports go out. */
export const CHANNELS = ['mail', 'slack', 'webhook'] as const;
export type Channel = (typeof CHANNELS)[number];

/** A delivery waits (also between attempts), was taken, or was given up. */
export const DELIVERY_STATES = ['pending', 'sent', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];
