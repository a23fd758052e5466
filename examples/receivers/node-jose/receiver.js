// A receiver for the webhooks of Doorbell, with jose as its only package:
//   npm install jose@6
//   DOORBELL_ISSUER=https://doorbell.example DOORBELL_SUBSCRIPTION=sub_… node receiver.js
import { createServer } from 'node:http'
import { publishedKeys, Refused, verify } from './verify.js'

const { DOORBELL_ISSUER: issuer, DOORBELL_SUBSCRIPTION: subscriptionId, DOORBELL_SECRET: secret, PORT } = process.env
const settings = { issuer, subscriptionId, secret, keys: publishedKeys(issuer) }
/** The ids of processed events. Use a table of your database with the id as its key, which survives a restart. */
const done = new Set()

/** Processes an event. Replace it, and queue what takes longer than a few seconds. */
const onEvent = async (event, replay) => console.log(event.type, event.id, replay ? '(replay)' : '')

const answer = async request => {
  let body
  let header
  try {
    body = await readBody(request)
    header = await verify(settings, request.headers, body)
  } catch (error) {
    console.error(String(error))
    return error instanceof Refused ? [401, error.message] : [503, 'the keys cannot be fetched']
  }
  const event = JSON.parse(body)
  // Doorbell asks whether this endpoint wants its webhooks.
  if (header.verification) return [200, JSON.stringify({ challenge: event.challenge })]
  if (!done.has(event.id) || header.replay) {
    await onEvent(event, header.replay)
    // Only after processing: if that fails, Doorbell retries.
    done.add(event.id)
  }
  return [204, '']
}

const readBody = async request => {
  const chunks = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length > 1024 * 1024) throw new Refused('larger than any webhook of Doorbell')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

createServer((request, response) => {
  answer(request).then(
    ([status, text]) => response.writeHead(status).end(text),
    error => {
      // The error is for your log alone: Doorbell shows the answer to its administrators.
      console.error(error)
      response.writeHead(500).end('failed')
    },
  )
}).listen(Number(PORT ?? 8080), '127.0.0.1')
