import { fullFormats } from 'ajv-formats/dist/formats.js'

/** RFC 3339 §5.6, restricted to what receivers' parsers accept: a `T`, whole minutes in the offset, and no leap second. */
const shape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/

const { validate } = fullFormats['date-time'] as { readonly validate: (text: string) => boolean }

/** True for a date-time of a moment that exists: its day is in the calendar, and it has an offset. */
export const isDateTime = (text: string): boolean => shape.test(text) && validate(text)
