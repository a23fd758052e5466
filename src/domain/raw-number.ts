/** ECMAScript's `JSON.parse` source text access, which TypeScript does not declare yet. */
interface SourceTextAccess {
  rawJSON(text: string): object
  isRawJSON(value: unknown): value is { readonly rawJSON: string }
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown
}

const { rawJSON, isRawJSON, parse } = JSON as unknown as SourceTextAccess

/** Parses JSON. A number that JavaScript would write in another way becomes an object that `JSON.stringify` writes as it stood in the text. */
export const parseWithSource = (text: string): unknown =>
  parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? rawJSON(source) : value,
  )

/** The number that such an object stands for; any other value as it is. */
export const plainNumber = (value: unknown): unknown => (isRawJSON(value) ? Number(value.rawJSON) : value)
