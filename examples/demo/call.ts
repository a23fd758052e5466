/** Calls Doorbell's API. Throws if the answer is not a success. */
export const call = async <T>(url: string, token: string, method: string, body?: object): Promise<T> => {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`)
  return (text === '' ? null : JSON.parse(text)) as T
}
