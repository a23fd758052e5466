/** Calls the app's server. Rejects with an Error whose message is for the user, and whose `status` is that of the response. */
export const ask = async (method, path, body) => {
  const response = await fetch(path, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Error('The app is not reachable. Try again.')
  })
  const read = response.status === 204 ? null : await response.json().catch(() => ({}))
  if (response.ok) return read
  throw Object.assign(new Error(read.detail ?? 'Something went wrong. Try again.'), { status: response.status })
}
