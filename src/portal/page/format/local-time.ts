/** What `datetime-local` wants: the reader’s own clock, without a zone; empty for what is no moment. */
export const localTime = (at: number): string => {
  if (Number.isNaN(at)) return ''
  const shifted = new Date(at - new Date(at).getTimezoneOffset() * 60_000)
  return shifted.toISOString().slice(0, 19)
}

/** RFC 3339 of what `datetime-local` has; undefined when it is empty. */
export const readLocalTime = (text: string): string | undefined => {
  const at = new Date(text)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}
