/**
 * Reads OTLP requests in protocol buffers (opentelemetry-proto 1.x) into the shape that OTLP has in JSON, with the fields that the SDK sends. It
 * shares no code with the SDK's serializer, whose work it checks.
 */
type Kind = 'text' | 'hex' | 'number' | 'zigzag' | 'fixed32' | 'fixed64' | 'double' | 'doubles' | 'fixed64s' | 'numbers'
type Field = readonly [name: string, of: Kind | Message, repeated?: true]
interface Message {
  readonly [number: number]: Field
}

const anyValue: Record<number, Field> = {
  1: ['stringValue', 'text'],
  2: ['boolValue', 'number'],
  3: ['intValue', 'number'],
  4: ['doubleValue', 'double'],
}
const keyValue: Message = { 1: ['key', 'text'], 2: ['value', anyValue] }
anyValue[5] = ['arrayValue', { 1: ['values', anyValue, true] }]
anyValue[6] = ['kvlistValue', { 1: ['values', keyValue, true] }]

const attributes = ['attributes', keyValue, true] as const
const dropped = ['droppedAttributesCount', 'number'] as const

const span: Message = {
  1: ['traceId', 'hex'],
  2: ['spanId', 'hex'],
  3: ['traceState', 'text'],
  4: ['parentSpanId', 'hex'],
  5: ['name', 'text'],
  6: ['kind', 'number'],
  7: ['startTimeUnixNano', 'fixed64'],
  8: ['endTimeUnixNano', 'fixed64'],
  9: attributes,
  10: dropped,
  11: ['events', { 1: ['timeUnixNano', 'fixed64'], 2: ['name', 'text'], 3: attributes, 4: dropped }, true],
  12: ['droppedEventsCount', 'number'],
  13: [
    'links',
    {
      1: ['traceId', 'hex'],
      2: ['spanId', 'hex'],
      3: ['traceState', 'text'],
      4: attributes,
      5: dropped,
      6: ['flags', 'fixed32'],
    },
    true,
  ],
  14: ['droppedLinksCount', 'number'],
  15: ['status', { 2: ['message', 'text'], 3: ['code', 'number'] }],
  16: ['flags', 'fixed32'],
}

const logRecord: Message = {
  1: ['timeUnixNano', 'fixed64'],
  2: ['severityNumber', 'number'],
  3: ['severityText', 'text'],
  5: ['body', anyValue],
  6: attributes,
  7: dropped,
  8: ['flags', 'fixed32'],
  9: ['traceId', 'hex'],
  10: ['spanId', 'hex'],
  11: ['observedTimeUnixNano', 'fixed64'],
}

const period = { 2: ['startTimeUnixNano', 'fixed64'], 3: ['timeUnixNano', 'fixed64'] } as const
const numbers: Field = [
  'dataPoints',
  { ...period, 4: ['asDouble', 'double'], 6: ['asInt', 'fixed64'], 7: attributes },
  true,
]
const temporality = ['aggregationTemporality', 'number'] as const
const histogram: Message = {
  ...period,
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  6: ['bucketCounts', 'fixed64s'],
  7: ['explicitBounds', 'doubles'],
  9: attributes,
  11: ['min', 'double'],
  12: ['max', 'double'],
}
const buckets: Message = { 1: ['offset', 'zigzag'], 2: ['bucketCounts', 'numbers'] }
const exponential: Message = {
  ...period,
  1: attributes,
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  6: ['scale', 'zigzag'],
  7: ['zeroCount', 'fixed64'],
  8: ['positive', buckets],
  9: ['negative', buckets],
  12: ['min', 'double'],
  13: ['max', 'double'],
}
const metric: Message = {
  1: ['name', 'text'],
  2: ['description', 'text'],
  3: ['unit', 'text'],
  5: ['gauge', { 1: numbers }],
  7: ['sum', { 1: numbers, 2: temporality, 3: ['isMonotonic', 'number'] }],
  9: ['histogram', { 1: ['dataPoints', histogram, true], 2: temporality }],
  10: ['exponentialHistogram', { 1: ['dataPoints', exponential, true], 2: temporality }],
}

const resource: Field = ['resource', { 1: attributes, 2: dropped }]
const scope: Field = ['scope', { 1: ['name', 'text'], 2: ['version', 'text'] }]
const request = (signal: 'Spans' | 'Metrics' | 'Logs', item: Message): Message => {
  const items = signal === 'Spans' ? 'spans' : signal === 'Metrics' ? 'metrics' : 'logRecords'
  return {
    1: [`resource${signal}`, { 1: resource, 2: [`scope${signal}`, { 1: scope, 2: [items, item, true] }, true] }, true],
  }
}
const requests = {
  traces: request('Spans', span),
  metrics: request('Metrics', metric),
  logs: request('Logs', logRecord),
}

/** An export request as JSON has it; enums and 32-bit counts are numbers, 64-bit ones texts. */
export const decodeRequest = (signal: keyof typeof requests, bytes: Uint8Array): object =>
  decode(requests[signal], bytes)

const decode = (message: Message, bytes: Uint8Array): Record<string, unknown> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found: Record<string, unknown> = {}
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = view.getUint8(at)
      at += 1
      value += (byte % 128) * factor
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const tag = varint()
    const wire = tag % 8
    const start = wire === 2 ? varint() : wire === 0 ? varint() : 0
    const size = wire === 2 ? start : wire === 1 ? 8 : wire === 5 ? 4 : 0
    const content = bytes.subarray(at, at + size)
    at += size
    const field = message[Math.floor(tag / 8)]
    if (field === undefined) continue
    const [name, of, repeated] = field
    const value = typeof of === 'string' ? scalar(of, start, content) : decode(of, content)
    if (repeated) ((found[name] ??= []) as unknown[]).push(value)
    else found[name] = value
  }
  return found
}

const scalar = (kind: Kind, varint: number, content: Uint8Array): unknown => {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength)
  const each = (read: (at: number) => unknown) => Array.from({ length: content.length / 8 }, (_, n) => read(n * 8))
  switch (kind) {
    case 'text':
      return new TextDecoder().decode(content)
    case 'hex':
      return Buffer.from(content).toString('hex')
    case 'number':
      return varint
    case 'zigzag':
      return varint % 2 === 0 ? varint / 2 : -(varint + 1) / 2
    case 'fixed32':
      return view.getUint32(0, true)
    case 'fixed64':
      return String(view.getBigUint64(0, true))
    case 'double':
      return view.getFloat64(0, true)
    case 'doubles':
      return each(at => view.getFloat64(at, true))
    case 'fixed64s':
      return each(at => String(view.getBigUint64(at, true)))
    case 'numbers':
      return [...content]
  }
}
