/** The groups of the reference, in its order. */
export const tags = {
  Events: 'What happens to visits comes in here, and can be read again.',
  Subscriptions: 'Endpoints and what they want to hear.',
  Deliveries: 'The delivery log: one row for each event and subscription, with every attempt.',
  Replays: 'Sending a range of deliveries again.',
  Privacy: 'How long data is kept, and erasing a visitor.',
  Tenants: 'The platform’s customers.',
  Keys: 'Our signing keys; the public ones are in the key set.',
  Access: 'Tokens, who is who, and who changed what.',
  Catalogue: 'Event types, and what settings mean.',
  Service: 'Key set, health, and this description.',
  Webhooks: 'What your endpoint gets.',
} as const

export type Tag = keyof typeof tags
