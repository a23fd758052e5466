import { fullFormats } from 'ajv-formats/dist/formats.js'

/** RFC 3339 §5.6 as receivers' parsers read it: a `T`, whole minutes in the offset, and no leap second, which few clocks know. */
const shape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/

const { validate } = fullFormats['date-time'] as { readonly validate: (text: string) => boolean }

/** Whether this is a date-time that names a moment: a day of the calendar, an hour of the clock, and its offset. */
export const isDateTime = (text: string): boolean => shape.test(text) && validate(text)
