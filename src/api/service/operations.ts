import { type TSchema, Type } from 'typebox'
import { anyObject, closed, maybe, text } from '../http/wire.ts'
import type { Operation } from '../operation/operation.ts'

const open = { tag: 'Service', method: 'get', access: 'open' } as const

const health = <Status extends TSchema>(status: Status) =>
  Type.Object(
    {
      status,
      acceptedEvents: text(
        'Where an event is when its 202 is answered: on disk, on a majority of servers, or in memory',
      ),
      checks: Type.Record(Type.String(), Type.String()),
    },
    closed,
  )

/** A public key (RFC 7517, RFC 7518 §6.2, RFC 8037). The members of a private key are not among these. */
const publicKey = Type.Object(
  {
    kty: Type.String(),
    crv: Type.String(),
    x: Type.String(),
    y: maybe(Type.String()),
    kid: Type.String(),
    alg: Type.String(),
    use: Type.Literal('sig'),
  },
  closed,
)

export const serviceOperations = {
  jwks: {
    ...open,
    id: 'getKeySet',
    path: '/.well-known/jwks.json',
    summary: 'Get the public signing keys (RFC 7517)',
    answers: {
      200: {
        description: 'Current, next and retired keys',
        contentType: 'application/jwk-set+json',
        schema: Type.Object({ keys: Type.Array(publicKey) }, closed),
      },
    },
  },
  livez: {
    ...open,
    id: 'isAlive',
    path: '/livez',
    summary: 'Check that the process answers',
    answers: { 200: { description: 'It does', schema: Type.Object({ status: Type.Literal('ok') }, closed) } },
  },
  readyz: {
    ...open,
    id: 'isReady',
    path: '/readyz',
    summary: 'Check that the process can take work',
    answers: {
      200: {
        description:
          'It can. `degraded`: a server that all processes share does not answer, or lacks what Doorbell needs there; `checks` names it, and calls that need it are answered with 503',
        schema: health(Type.Union([Type.Literal('ok'), Type.Literal('degraded')])),
      },
      503: { description: 'It cannot: `checks` names the reason', schema: health(Type.Literal('unavailable')) },
    },
  },
  openapi: {
    ...open,
    id: 'getOpenApi',
    path: '/openapi.json',
    summary: 'Get this description (OpenAPI 3.1)',
    answers: { 200: { description: 'The document', schema: anyObject } },
  },
  problem: {
    ...open,
    id: 'getProblemPage',
    path: '/problems/{code}',
    summary: 'Read about a problem code',
    answers: { 200: { description: 'A page', contentType: 'text/html' } },
    problems: ['not_found'],
  },
} as const satisfies Record<string, Operation>
