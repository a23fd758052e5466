/** The groups of the reference, in its order. */
export const tags = {
  Events: 'Publish what happens to visits, and read it back.',
  Subscriptions: 'Endpoints and the events that they receive.',
  Deliveries: 'The delivery log: one row per event and subscription, with its attempts.',
  Replays: 'Send a range of deliveries again.',
  Privacy: 'How long data is kept, and erasing a visitor.',
  Tenants: 'The customers of the platform.',
  Keys: 'Signing keys. The public keys are in the key set.',
  Access: 'Tokens, the current caller, and the audit log.',
  Catalogue: 'Event types, and a preview of retry policies.',
  Service: 'Key set, health, and this description.',
  Webhooks: 'What your endpoint receives.',
} as const

export type Tag = keyof typeof tags
