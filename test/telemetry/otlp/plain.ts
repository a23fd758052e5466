interface KeyValue {
  readonly key: string
  readonly value: object
}

/** Values of the resource that each process has its own of. */
const ownOfProcess = /^(process\.|service\.instance\.id$)/
/** The default name of a service, here and in the SDK. */
const unnamed = /^(doorbell|unknown_service.*)$/

/**
 * The content of an export request without what differs from one run to the next: ids, times, and the resource's values of the process. Only what
 * the probe made, since the service measures something itself.
 */
export const plain = (request: object): object[] => {
  if (Array.isArray(request)) return [stripped(request) as object]
  return Object.values(request as Record<string, { resource: { attributes?: KeyValue[] } }[]>).flatMap(groups =>
    groups.map(({ resource, ...scoped }) => ({
      resource: (resource.attributes ?? []).map(named).toSorted(([a], [b]) => (a < b ? -1 : 1)),
      scopes: stripped(ofProbe(scoped)),
    })),
  )
}

const named = ({ key, value }: KeyValue): [string, unknown] => {
  if (ownOfProcess.test(key)) return [key, 'its own']
  const { stringValue = '' } = value as { stringValue?: string }
  return [key, key === 'service.name' && unnamed.test(stringValue) ? 'not named' : value]
}

interface Scoped {
  readonly scope?: { readonly name?: string }
}

const ofProbe = (scoped: object): object[] =>
  Object.values(scoped as Record<string, unknown>)
    .flatMap(scopes => (Array.isArray(scopes) ? (scopes as Scoped[]) : []))
    .filter(({ scope }) => scope?.name === 'probe')

/** In OTLP's names, and in Zipkin's: there the resource is among the tags of each span. */
const hidden = /UnixNano$|^(traceId|spanId|parentSpanId|id|parentId|timestamp|duration|tags|localEndpoint)$/

const stripped = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(stripped)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    hidden.test(key) ? Boolean(inner) : stripped(inner),
  ])
  return Object.fromEntries(entries) as unknown
}
