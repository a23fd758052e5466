const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Returns the texts in a message of protocol buffers without its schema (Protocol Buffers, "Encoding"): a field with a length is a text,
 * a message or bytes. Numbers and times are skipped, as their bytes may look like text.
 */
export const textsOf = (bytes: Uint8Array): string[] => fieldsOf(bytes)?.flatMap(contentOf) ?? []

const contentOf = (field: Uint8Array): string[] => {
  const text = decoded(field)
  if (text !== null && !/\p{Cc}/u.test(text)) return [text]
  if (fieldsOf(field) !== null) return textsOf(field)
  return text === null ? [] : [text]
}

const decoded = (bytes: Uint8Array): string | null => {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

const bytesOfKind: Readonly<Record<number, number>> = { 1: 8, 5: 4 }

/** The contents of the fields that have a length; null when the bytes are not a message. */
const fieldsOf = (bytes: Uint8Array): Uint8Array[] | null => {
  const fields: Uint8Array[] = []
  let at = 0
  const number = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at]
      if (byte === undefined) return Number.NaN
      at += 1
      value += (byte % 128) * factor
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const tag = number()
    const kind = tag % 8
    if (kind === 0) number()
    else if (kind === 2) {
      const length = number()
      fields.push(bytes.subarray(at, at + length))
      at += length
    } else at += bytesOfKind[kind] ?? Number.NaN
    if (!(at <= bytes.length) || tag < 8) return null
  }
  return fields
}
