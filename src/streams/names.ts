/** Every NATS name that Doorbell uses. Each test creates its own set, so that tests do not share a stream. */
export interface StreamNames {
  readonly stream: string
  /** First token of every subject. */
  readonly root: string
}

export const streamNames: StreamNames = { stream: 'VISITS', root: 'visits' }

/** The subject for publishers; the server maps it to a partition by tenant. */
export const publishSubject = ({ root }: StreamNames, tenant: string, type: string): string =>
  `${root}.in.${tenant}.${type}`

/** The subjects that a partition's consumer reads: `visits.3.>`, where the rest is `<tenant>.<event type>`. */
export const partitionFilter = ({ root }: StreamNames, partition: number): string => `${root}.${partition}.>`

/** One tenant's messages, of one type if it is given; of any partition, since their number may have changed after they were stored. */
export const tenantFilter = ({ root }: StreamNames, tenant: string, type = '>'): string => `${root}.*.${tenant}.${type}`

/** The subject of wake-up signals between processes; the stream does not store it. */
export const signalSubject = ({ root }: StreamNames, id: string): string => `${root}_wake.${id}`

/** The subject on which workers announce that the fleet has changed; the stream does not store it. */
export const fleetSubject = ({ root }: StreamNames): string => `${root}_fleet`

/** The key-value bucket in which workers agree on the owner of each partition. */
export const fleetBucket = ({ stream }: StreamNames): string => `${stream}_FLEET`

export const consumerName = (partition: number): string => `partition-${partition}`

/** `partition-3` → 3; null for a consumer that is not a partition's. */
export const partitionOfConsumer = (name: string): number | null => {
  const [, partition] = /^partition-(\d+)$/.exec(name) ?? []
  return partition === undefined ? null : Number(partition)
}

/** `visits.3.acme.visit.checked_in` → partition 3, tenant acme, type visit.checked_in. */
export const readSubject = (subject: string): { partition: number; tenant: string; type: string } => {
  const [, partition, tenant, ...type] = subject.split('.')
  return { partition: Number(partition), tenant: tenant ?? '', type: type.join('.') }
}

/** The message id that the server uses to find duplicates. It names the tenant, since two tenants may use the same event id. */
export const messageId = (tenant: string, eventId: string): string => `${tenant}:${eventId}`

export const headerNames = { messageId: 'Nats-Msg-Id', traceparent: 'traceparent' } as const
