/** A url fit for rows, logs and spans: without credentials, and with query values masked, since tokens travel in both. */
export const shownUrl = (text: string): string => {
  const url = URL.parse(text)
  if (url === null) return '(not a url)'
  url.username = ''
  url.password = ''
  for (const name of new Set(url.searchParams.keys())) url.searchParams.set(name, '***')
  return url.href
}
