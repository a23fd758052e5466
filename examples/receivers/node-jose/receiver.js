// Receives webhooks of Doorbell with jose alone:
//   npm install jose@6
//   DOORBELL_ISSUER=https://doorbell.example DOORBELL_SUBSCRIPTION=sub_… node receiver.js
import { createServer } from 'node:http'
import { publishedKeys, Refused, verify } from './verify.js'

const { DOORBELL_ISSUER: issuer, DOORBELL_SUBSCRIPTION: subscriptionId, DOORBELL_SECRET: secret, PORT } = process.env
const settings = { issuer, subscriptionId, secret, keys: publishedKeys(issuer) }
/** A table of your database with the event's id as its key survives a restart. */
const done = new Set()

/** Your work. Queue what takes longer than a few seconds. */
const onEvent = async (event, replay) => console.log(event.type, event.id, replay ? '(replay)' : '')

const answer = async request => {
  let body
  let header
  try {
    body = await readBody(request)
    header = await verify(settings, request.headers, body)
  } catch (error) {
    return error instanceof Refused ? [401, error.message] : [503, String(error)]
  }
  const event = JSON.parse(body)
  // Doorbell asks whether this endpoint wants to be called.
  if (header.verification) return [200, JSON.stringify({ challenge: event.challenge })]
  if (!done.has(event.id) || header.replay) {
    await onEvent(event, header.replay)
    // After the work: if that fails, Doorbell tries again.
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
    error => response.writeHead(500).end(String(error)),
  )
}).listen(Number(PORT ?? 8080), '127.0.0.1')
