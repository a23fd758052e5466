/** Every name of NATS that Doorbell uses. Tests make their own set, so that runs do not meet. */
export interface StreamNames {
  readonly stream: string
  /** First token of every subject. */
  readonly root: string
}

export const streamNames: StreamNames = { stream: 'VISITS', root: 'visits' }

/** Where publishers publish: the server maps it to a partition by tenant. */
export const publishSubject = ({ root }: StreamNames, tenant: string, type: string): string =>
  `${root}.in.${tenant}.${type}`

/** What a partition's consumer reads: `visits.3.>`; the rest of the subject is `<tenant>.<event type>`. */
export const partitionFilter = ({ root }: StreamNames, partition: number): string => `${root}.${partition}.>`

/** One tenant's messages, of one type if it is named; of any partition, since their number may have been another when they were stored. */
export const tenantFilter = ({ root }: StreamNames, tenant: string, type = '>'): string => `${root}.*.${tenant}.${type}`

/** Of signals between processes; outside of the stream's subjects. */
export const signalSubject = ({ root }: StreamNames, id: string): string => `${root}_wake.${id}`

/** "The fleet has changed, look again"; outside of the stream's subjects. */
export const fleetSubject = ({ root }: StreamNames): string => `${root}_fleet`

/** The key-value bucket in which workers agree who owns what. */
export const fleetBucket = ({ stream }: StreamNames): string => `${stream}_FLEET`

export const consumerName = (partition: number): string => `partition-${partition}`

/** `partition-3` → 3; null for a consumer that is none of ours. */
export const partitionOfConsumer = (name: string): number | null => {
  const [, partition] = /^partition-(\d+)$/.exec(name) ?? []
  return partition === undefined ? null : Number(partition)
}

/** `visits.3.acme.visit.checked_in` → partition 3, tenant acme, type visit.checked_in. */
export const readSubject = (subject: string): { partition: number; tenant: string; type: string } => {
  const [, partition, tenant, ...type] = subject.split('.')
  return { partition: Number(partition), tenant: tenant ?? '', type: type.join('.') }
}

/** Of our own intake: two tenants may use the same event id, and neither may be taken for the other's duplicate. */
export const messageId = (tenant: string, eventId: string): string => `${tenant}:${eventId}`

export const headerNames = {
  messageId: 'Nats-Msg-Id',
  traceparent: 'traceparent',
} as const
